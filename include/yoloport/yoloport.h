/* yoloport for C, and through it for any language: export a checkpoint, detect in images.
 *
 *   yoloport_detector* detector = yoloport_open("model.onnx", NULL);
 *   yoloport_detections found;
 *   if (detector == NULL || yoloport_detect_file(detector, "photo.jpg", &found) != YOLOPORT_OK) {
 *     fprintf(stderr, "%s\n", yoloport_last_error());
 *   }
 *
 * Functions never throw, print or exit. Texts are UTF-8; paths are the bytes that the system knows
 * them by. What a function returns stays good until the function named there frees it. A detector
 * may be used by several threads at once; yoloport_last_error() is each thread's own.
 *
 * Functions and structs of this header keep their meaning and layout while
 * YOLOPORT_VERSION_MAJOR stays the same; new ones come at the end. */
#ifndef YOLOPORT_YOLOPORT_H_
#define YOLOPORT_YOLOPORT_H_

#include <stddef.h>
#include <stdint.h>

#include "yoloport/version_number.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What went wrong, and where: the classes of yoloport/error.h. */
typedef enum yoloport_status {
  YOLOPORT_OK = 0,
  YOLOPORT_CONFIG_ERROR = 1,     /* a training config */
  YOLOPORT_CHECKPOINT_ERROR = 2, /* a checkpoint */
  YOLOPORT_MODEL_ERROR = 3,      /* a network or an ONNX file */
  YOLOPORT_RUNTIME_ERROR = 4,    /* what runs networks */
  YOLOPORT_IMAGE_ERROR = 5,      /* an image */
  YOLOPORT_FILE_ERROR = 6,       /* a file: missing, not readable, not writable */
  YOLOPORT_USAGE_ERROR = 7,      /* an argument or option that makes no sense */
  YOLOPORT_NO_MEMORY = 8,
  YOLOPORT_OTHER_ERROR = 9
} yoloport_status;

/* "0.1.0". Never freed. */
const char* yoloport_version(void);

/* What the last function of this thread that failed has to say, with a hint where there is one; ""
 * where none has failed. Good until the next call of this thread that fails. */
const char* yoloport_last_error(void);

/* Exports a checkpoint to the ONNX file `output`, which appears whole or not at all. `config`: the
 * training config, or NULL for a checkpoint that needs none. `options`: NULL, or a JSON object with
 * the names of yoloport::ExportOptions (yoloport/export.h):
 *   {"height": 640, "width": 640, "dynamic_batch": true, "backend": "openvino"} */
yoloport_status yoloport_export(const char* config, const char* checkpoint, const char* output,
                                const char* options);

typedef struct yoloport_detector yoloport_detector;

/* Opens an ONNX file, an OpenVINO model (.xml) or a TensorRT engine. `options`: NULL, or a JSON
 * object with the names of yoloport::DetectorOptions and yoloport::ModelDescription
 * (yoloport/detector.h): {"score_threshold": 0.4, "runtime": "openvino"}. NULL where it fails.
 * Freed by yoloport_close(). */
yoloport_detector* yoloport_open(const char* model, const char* options);

/* Does nothing with NULL. */
void yoloport_close(yoloport_detector* detector);

/* How many class names the file has, and the name of one: "class_N" where there is none. Names are
 * good until yoloport_close(). */
size_t yoloport_class_count(const yoloport_detector* detector);
const char* yoloport_class_name(yoloport_detector* detector, int label);

/* One object. The box is in pixels of the image: left, top, right, bottom. */
typedef struct yoloport_detection {
  int32_t label;
  float score; /* 0 to 1 */
  float x1, y1, x2, y2;
} yoloport_detection;

/* What was found, the best first. Freed by yoloport_free_detections(). */
typedef struct yoloport_detections {
  size_t count;
  yoloport_detection* items;
} yoloport_detections;

typedef enum yoloport_format {
  YOLOPORT_BGR = 0, /* three bytes a pixel: blue, green, red */
  YOLOPORT_RGB = 1,
  YOLOPORT_GRAY = 2, /* one byte */
  YOLOPORT_BGRA = 3, /* four bytes; the fourth is not looked at */
  YOLOPORT_RGBA = 4
} yoloport_format;

/* Looks at the pixels of an image: `height` rows of `width` pixels, `stride` bytes from one row to
 * the next (0: rows follow each other). `format` is a yoloport_format. Where it fails `found` holds
 * nothing. */
yoloport_status yoloport_detect(const yoloport_detector* detector, const uint8_t* pixels, int width,
                                int height, size_t stride, int format, yoloport_detections* found);

/* The same for an image file: JPEG, PNG, WebP, BMP, TIFF, PNM or JPEG 2000. */
yoloport_status yoloport_detect_file(const yoloport_detector* detector, const char* path,
                                     yoloport_detections* found);

/* Leaves `found` empty; does nothing with an empty one or NULL. */
void yoloport_free_detections(yoloport_detections* found);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* YOLOPORT_YOLOPORT_H_ */
