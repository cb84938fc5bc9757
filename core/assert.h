// Assertions for contracts inside the program. They stay on in release builds, need no library and
// stop the program at the place. Nothing that comes from the network may reach one.
#ifndef SOTTO_CORE_ASSERT_H
#define SOTTO_CORE_ASSERT_H

#define SOTTO_ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())

#endif
