/* Decodes a JPEG or PNG file in memory to planes of 8-bit pixels.
 *
 * Grey images give one plane, colour images red, green and blue. Palettes are
 * expanded and 16 bits reduced to 8. An alpha channel is dropped if the image
 * is opaque everywhere and refused otherwise, because what lies under
 * transparent pixels is arbitrary. CMYK is refused. Any damage that the
 * decoder reports is an error, also where it could go on with grey pixels.
 * Orientation tags and colour profiles are not applied. */
#ifndef TAPER_DATA_IMAGE_H
#define TAPER_DATA_IMAGE_H

#include "data/error.h"

#include <stddef.h>
#include <stdint.h>

struct data_image_shape {
    size_t channels;      /* 1 grey, 3 red green blue */
    size_t height, width; /* each 1 to DATA_MAX_SIDE */
};

/* Read the shape from the file's header. `name` is for the error. */
enum data_status data_image_probe(const uint8_t *bytes, size_t size,
                                  const char *name,
                                  struct data_image_shape *shape,
                                  struct data_error *err);

/* Decode an image that must have this shape. The shape is compared before
 * anything is allocated.
 *
 *   first   the name of the image that set the shape, for the error
 *   pixels  [channels, height, width]; undefined on failure
 */
enum data_status data_image_decode(const uint8_t *bytes, size_t size,
                                   const char *name,
                                   struct data_image_shape shape,
                                   const char *first, uint8_t *pixels,
                                   struct data_error *err);

#endif
