"""Photos as the scripts that compare programs hand them over."""

import cv2


def as_png(photo, folder):
    """A copy of a photo as PNG: JPEG decoders differ by a grey level."""
    path = folder / (photo.stem + ".png")
    cv2.imwrite(str(path), cv2.imread(str(photo)))
    return path
