#include "include/CBytes.h"

#include <string.h>

// A byte's highest bit is set where that byte of `word` is below `bound`, or equals the one that `pattern` repeats.
#define ONES 0x0101010101010101u
#define HIGHS 0x8080808080808080u
#define BELOW(word, bound) (((word) - ONES * (bound)) & ~(word) & HIGHS)
#define EQUAL(word, byte) BELOW((word) ^ ONES * (byte), 1)

size_t cbytes_plain_prefix(const uint8_t *bytes, size_t count) {
    size_t index = 0;
    // Eight bytes at a time; borrows reach only bytes above one that ends the prefix anyhow.
    for (uint64_t word; index + 8 <= count; index += 8) {
        memcpy(&word, bytes + index, 8);
        if (BELOW(word, 0x20) | EQUAL(word, '"') | EQUAL(word, '\\') | EQUAL(word, 0x7f)) break;
    }
    while (index < count) {
        uint8_t byte = bytes[index];
        if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f) break;
        index++;
    }
    return index;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void cbytes_base64_encode(const uint8_t *bytes, size_t count, uint8_t *letters) {
    size_t whole = count / 3 * 3;
    for (size_t index = 0; index < whole; index += 3) {
        uint32_t group = (uint32_t)bytes[index] << 16 | (uint32_t)bytes[index + 1] << 8 | bytes[index + 2];
        *letters++ = (uint8_t)alphabet[group >> 18];
        *letters++ = (uint8_t)alphabet[group >> 12 & 0x3f];
        *letters++ = (uint8_t)alphabet[group >> 6 & 0x3f];
        *letters++ = (uint8_t)alphabet[group & 0x3f];
    }
    if (whole == count) return;
    uint32_t group = (uint32_t)bytes[whole] << 16;
    if (count - whole == 2) group |= (uint32_t)bytes[whole + 1] << 8;
    *letters++ = (uint8_t)alphabet[group >> 18];
    *letters++ = (uint8_t)alphabet[group >> 12 & 0x3f];
    *letters++ = count - whole == 2 ? (uint8_t)alphabet[group >> 6 & 0x3f] : '=';
    *letters++ = '=';
}

// Letter → value, plus one so that what is no letter stays zero.
static const uint8_t values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9,  ['J'] = 10,
    ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20,
    ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
    ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50,
    ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
    ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

ssize_t cbytes_base64_decode(const uint8_t *letters, size_t count, uint8_t *bytes) {
    if (count % 4 != 0) return -1;
    size_t padding = 0;
    if (count > 0 && letters[count - 1] == '=') padding = letters[count - 2] == '=' ? 2 : 1;
    uint8_t *output = bytes;
    for (size_t index = 0; index < count; index += 4) {
        uint32_t group = 0;
        for (size_t offset = 0; offset < 4; offset++) {
            uint8_t value = values[letters[index + offset]];
            if (index + offset >= count - padding) value = 1;
            if (value == 0) return -1;
            group = group << 6 | (uint32_t)(value - 1);
        }
        *output++ = (uint8_t)(group >> 16);
        *output++ = (uint8_t)(group >> 8);
        *output++ = (uint8_t)group;
    }
    return output - bytes - (ssize_t)padding;
}
