// What this server can do: its own capabilities, as a client loads them into mediasoup-client.
#ifndef SOTTO_SFU_CAPABILITIES_H
#define SOTTO_SFU_CAPABILITIES_H

#include "sfu/rtp_parameters.h"

struct sotto_router_capabilities {
    // Ids and payload types of the server: consumers get these, producers are mapped to them.
    struct sotto_rtp_capabilities rtp;
    // Layers of simulcast that a producer may have.
    size_t encoding_count_max;
};

// Fills in the tables of this version. A codec is listed only if its frames have a layout of their
// own or can be sealed whole and still be packetized (docs/frame-format.md), feedback only if the
// server answers or obeys it (docs/decisions/0003-congestion-feedback.md).
void sotto_capabilities_init(struct sotto_router_capabilities *router);

#endif
