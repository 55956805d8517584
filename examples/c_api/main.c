/* A checkpoint to the objects in a photo, in C: detect CONFIG CHECKPOINT PHOTO
 *
 * Exports the checkpoint to detector.onnx in the current folder, and prints a line for each object:
 * class, score and box in pixels. */
#include <stdio.h>
#include <yoloport/yoloport.h>

static int Fail(void) {
  fprintf(stderr, "error: %s\n", yoloport_last_error());
  return 1;
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: detect CONFIG CHECKPOINT PHOTO\n");
    return 2;
  }
  const char* model = "detector.onnx";
  if (yoloport_export(argv[1], argv[2], model, "{\"from_test_cfg\": true}") != YOLOPORT_OK) {
    return Fail();
  }
  yoloport_detector* detector = yoloport_open(model, NULL);
  if (detector == NULL) return Fail();
  yoloport_detections found;
  const yoloport_status status = yoloport_detect_file(detector, argv[3], &found);
  if (status == YOLOPORT_OK) {
    for (size_t i = 0; i < found.count; ++i) {
      const yoloport_detection* d = &found.items[i];
      printf("%s %.6f %.3f %.3f %.3f %.3f\n", yoloport_class_name(detector, d->label), d->score,
             d->x1, d->y1, d->x2, d->y2);
    }
    yoloport_free_detections(&found);
  }
  yoloport_close(detector);
  return status == YOLOPORT_OK ? 0 : Fail();
}
