// The S-box of AES (FIPS 197, section 5.1.1) as a circuit of XOR and AND gates, found by Boyar and
// Peralta ("A depth-16 circuit for the AES S-box", 2011; the earlier form with 115 gates).
// It works on eight bit planes at once, as many bytes as a plane has bits, without a table and
// without a branch.
#ifndef SOTTO_WASM_AES_SBOX_H
#define SOTTO_WASM_AES_SBOX_H

#include "wasm/slice.h"

// Replaces the bytes in `plane` (plane[0] holds the lowest bits) by S-box(byte) ^ 0x63: the four
// inverters at the circuit's outputs are left to the round keys.
static inline void sotto_aes_sbox(sotto_slice plane[8]) {
    // The circuit counts from the highest bit.
    const sotto_slice x0 = plane[7], x1 = plane[6], x2 = plane[5], x3 = plane[4];
    const sotto_slice x4 = plane[3], x5 = plane[2], x6 = plane[1], x7 = plane[0];

    // The linear layer into the tower field.
    const sotto_slice y14 = x3 ^ x5, y13 = x0 ^ x6, y9 = x0 ^ x3, y8 = x0 ^ x5, t0 = x1 ^ x2;
    const sotto_slice y1 = t0 ^ x7, y4 = y1 ^ x3, y12 = y13 ^ y14, y2 = y1 ^ x0, y5 = y1 ^ x6;
    const sotto_slice y3 = y5 ^ y8, t1 = x4 ^ y12, y15 = t1 ^ x5, y20 = t1 ^ x1, y6 = y15 ^ x7;
    const sotto_slice y10 = y15 ^ t0, y11 = y20 ^ y9, y7 = x7 ^ y11, y17 = y10 ^ y11;
    const sotto_slice y19 = y10 ^ y8, y16 = t0 ^ y11, y21 = y13 ^ y16, y18 = x0 ^ y16;

    // The inversion, down to GF(4) and back.
    const sotto_slice t2 = y12 & y15, t4 = (y3 & y6) ^ t2, t6 = (y4 & x7) ^ t2;
    const sotto_slice t7 = y13 & y16, t9 = (y5 & y1) ^ t7, t11 = (y2 & y7) ^ t7;
    const sotto_slice t12 = y9 & y11, t14 = (y14 & y17) ^ t12, t16 = (y8 & y10) ^ t12;
    const sotto_slice t21 = t4 ^ t14 ^ y20, t22 = t6 ^ t16 ^ y19;
    const sotto_slice t23 = t9 ^ t14 ^ y21, t24 = t11 ^ t16 ^ y18;
    const sotto_slice t25 = t21 ^ t22, t26 = t21 & t23, t27 = t24 ^ t26;
    const sotto_slice t29 = (t25 & t27) ^ t22, t30 = t23 ^ t24, t31 = t22 ^ t26;
    const sotto_slice t33 = (t31 & t30) ^ t24, t34 = t23 ^ t33, t35 = t27 ^ t33;
    const sotto_slice t36 = t24 & t35, t37 = t36 ^ t34, t38 = t27 ^ t36;
    const sotto_slice t40 = t25 ^ (t29 & t38), t41 = t40 ^ t37, t42 = t29 ^ t33;
    const sotto_slice t43 = t29 ^ t40, t44 = t33 ^ t37, t45 = t42 ^ t41;

    // Products of the inverse with the linear layer's outputs, and the linear layer back.
    const sotto_slice z0 = t44 & y15, z1 = t37 & y6, z2 = t33 & x7, z3 = t43 & y16;
    const sotto_slice z4 = t40 & y1, z5 = t29 & y7, z6 = t42 & y11, z7 = t45 & y17;
    const sotto_slice z8 = t41 & y10, z9 = t44 & y12, z10 = t37 & y3, z11 = t33 & y4;
    const sotto_slice z12 = t43 & y13, z13 = t40 & y5, z14 = t29 & y2, z15 = t42 & y9;
    const sotto_slice z16 = t45 & y14, z17 = t41 & y8;
    const sotto_slice t46 = z15 ^ z16, t48 = z5 ^ z13, t53 = z0 ^ z3, t54 = z6 ^ z7;
    const sotto_slice t56 = z12 ^ t48, t57 = z2 ^ z12 ^ t53, t58 = z4 ^ t46, t59 = z3 ^ t54;
    const sotto_slice t60 = t46 ^ t57, t61 = z14 ^ t57, t62 = z7 ^ z8 ^ t58;
    const sotto_slice t63 = z9 ^ z10 ^ t58, t64 = z4 ^ t59, t65 = t61 ^ t62, t66 = z1 ^ t63;
    const sotto_slice s3 = t53 ^ t66;
    plane[7] = t59 ^ t63;
    plane[6] = t64 ^ s3;
    plane[5] = z16 ^ z17 ^ t64 ^ t65;
    plane[4] = s3;
    plane[3] = z2 ^ z5 ^ t66;
    plane[2] = z10 ^ z11 ^ t65;
    plane[1] = t56 ^ t62;
    plane[0] = t48 ^ t60;
}

#endif
