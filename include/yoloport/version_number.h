/* The version that these headers are of, for the preprocessor; in C and C++. */
#ifndef YOLOPORT_VERSION_NUMBER_H_
#define YOLOPORT_VERSION_NUMBER_H_

#define YOLOPORT_VERSION_MAJOR 0
#define YOLOPORT_VERSION_MINOR 1
#define YOLOPORT_VERSION_PATCH 0

#endif /* YOLOPORT_VERSION_NUMBER_H_ */
