// What the headers of libsotto share: the marks of its functions.
#ifndef SOTTO_INCLUDE_SOTTO_API_H
#define SOTTO_INCLUDE_SOTTO_API_H

// A function that the library offers. The shared library exports these and nothing else.
#define SOTTO_API __attribute__((visibility("default")))

// A function whose result must be looked at.
#define SOTTO_MUST_USE __attribute__((warn_unused_result))

#endif
