// Loops over every byte of large texts, in C: unoptimised Swift runs them a hundred times slower, and tests are unoptimised.
#ifndef CBYTES_H
#define CBYTES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// How many bytes at the start stand for themselves within a JSON string: no control character, quote or backslash.
size_t cbytes_plain_prefix(const uint8_t *bytes, size_t count);
/// Writes base 64 (RFC 4648, section 4) of the bytes: (count + 2) / 3 * 4 letters.
void cbytes_base64_encode(const uint8_t *bytes, size_t count, uint8_t *letters);
/// Writes at most count / 4 * 3 bytes; returns how many, or -1 when the letters are no base 64.
ssize_t cbytes_base64_decode(const uint8_t *letters, size_t count, uint8_t *bytes);

#endif
