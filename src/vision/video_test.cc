#include "yoloport/video.h"
