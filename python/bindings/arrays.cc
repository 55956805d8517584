#include "arrays.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <string>

#include "yoloport/error.h"

namespace nb = nanobind;

namespace yoloport::python {
namespace {

std::string Describe(const AnyArray& array) {
  std::string shape;
  for (std::size_t i = 0; i < array.ndim(); ++i) {
    shape += (i > 0 ? " x " : "") + std::to_string(array.shape(i));
  }
  const auto type = array.dtype();
  const char* kind = "other";
  if (type.code == static_cast<std::uint8_t>(nb::dlpack::dtype_code::Int)) kind = "int";
  if (type.code == static_cast<std::uint8_t>(nb::dlpack::dtype_code::UInt)) kind = "uint";
  if (type.code == static_cast<std::uint8_t>(nb::dlpack::dtype_code::Float)) kind = "float";
  if (type.code == static_cast<std::uint8_t>(nb::dlpack::dtype_code::Bool)) kind = "bool";
  return kind + std::to_string(type.bits) + " " + shape;
}

// An array of that shape that owns `values`.
template <typename Array, typename T>
Array Own(std::unique_ptr<T[]> values, std::initializer_list<std::size_t> shape) {
  T* const data = values.release();
  const nb::capsule owner(data, [](void* pointer) noexcept { delete[] static_cast<T*>(pointer); });
  return Array(data, shape, owner);
}

}  // namespace

ArrayImage::ArrayImage(AnyArray array) : array_(std::move(array)) {
  const std::size_t channels = array_.ndim() == 3 ? array_.shape(2) : 1;
  const bool is_image = array_.dtype() == nb::dtype<std::uint8_t>() &&
                        (array_.ndim() == 2 || array_.ndim() == 3) &&
                        (channels == 1 || channels == 3);
  if (!is_image) {
    throw ImageError(
        "an image is an array of uint8, height x width x 3 (blue, green, red) or "
        "height x width (grey), not " +
        Describe(array_));
  }
  const auto height = static_cast<std::int64_t>(array_.shape(0));
  const auto width = static_cast<std::int64_t>(array_.shape(1));
  if (height < 1 || width < 1 || width > kMaxImagePixels / height) {
    throw ImageError("an image of " + std::to_string(width) + "x" + std::to_string(height) +
                     " pixels cannot be looked at");
  }
  view_ = {static_cast<const std::uint8_t*>(array_.data()), static_cast<int>(width),
           static_cast<int>(height), static_cast<int>(channels), 0};
  const auto row = static_cast<std::int64_t>(channels) * width;
  const bool is_dense = array_.stride(1) == static_cast<std::int64_t>(channels) &&
                        (array_.ndim() == 2 || array_.stride(2) == 1) &&
                        (array_.stride(0) >= row || height == 1);
  if (is_dense) {
    view_.stride = static_cast<std::size_t>(std::max(array_.stride(0), row));
  } else {
    Copy();
  }
}

void ArrayImage::Copy() {
  const auto channels = static_cast<std::size_t>(view_.channels);
  copy_.reserve(static_cast<std::size_t>(view_.height) * static_cast<std::size_t>(view_.width) *
                channels);
  const std::int64_t channel_stride = array_.ndim() == 3 ? array_.stride(2) : 0;
  for (std::int64_t y = 0; y < view_.height; ++y) {
    for (std::int64_t x = 0; x < view_.width; ++x) {
      const std::uint8_t* pixel = view_.data + y * array_.stride(0) + x * array_.stride(1);
      for (std::int64_t c = 0; c < view_.channels; ++c) copy_.push_back(pixel[c * channel_stride]);
    }
  }
  view_.data = copy_.data();
}

DetectionArrays::DetectionArrays(const std::vector<Detection>& detections) {
  const std::size_t count = detections.size();
  std::unique_ptr<float[]> corners(new float[count * 4]);
  std::unique_ptr<float[]> values(new float[count]);
  std::unique_ptr<std::int64_t[]> numbers(new std::int64_t[count]);
  for (std::size_t i = 0; i < count; ++i) {
    std::copy(detections[i].box.begin(), detections[i].box.end(), corners.get() + i * 4);
    values[i] = detections[i].score;
    numbers[i] = detections[i].label;
  }
  boxes = Own<Boxes>(std::move(corners), {count, 4});
  scores = Own<Scores>(std::move(values), {count});
  labels = Own<Labels>(std::move(numbers), {count});
}

std::vector<Detection> ToDetections(
    const nb::ndarray<const float, nb::shape<-1, 4>, nb::c_contig, nb::device::cpu>& boxes,
    const nb::ndarray<const float, nb::ndim<1>, nb::c_contig, nb::device::cpu>& scores,
    const nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>& labels) {
  if (scores.shape(0) != boxes.shape(0) || labels.shape(0) != boxes.shape(0)) {
    throw UsageError("boxes, scores and labels must be as many as each other");
  }
  std::vector<Detection> detections(boxes.shape(0));
  for (std::size_t i = 0; i < detections.size(); ++i) {
    const float* box = boxes.data() + i * 4;
    const std::int64_t label = labels.data()[i];
    if (label < 0 || label > std::numeric_limits<int>::max()) {
      throw UsageError("the label " + std::to_string(label) + " is not a class");
    }
    detections[i] = {static_cast<int>(label), scores.data()[i], {box[0], box[1], box[2], box[3]}};
  }
  return detections;
}

Image CopyToImage(const ImageView& view) {
  Image image(view.width, view.height);
  const std::size_t stride =
      view.stride != 0 ? view.stride : static_cast<std::size_t>(view.width * view.channels);
  for (int y = 0; y < view.height; ++y) {
    const std::uint8_t* from = view.data + static_cast<std::size_t>(y) * stride;
    std::uint8_t* to = image.data() + static_cast<std::size_t>(y) * image.stride();
    for (int x = 0; x < view.width; ++x) {
      for (int c = 0; c < 3; ++c) *to++ = from[view.channels == 3 ? c : 0];
      from += view.channels;
    }
  }
  return image;
}

Image ShareArray(AnyArray array) {
  const std::shared_ptr<ArrayImage> owner(new ArrayImage(std::move(array)), [](ArrayImage* image) {
    const nb::gil_scoped_acquire gil;
    delete image;
  });
  const ImageView& view = owner->view();
  if (view.channels != 3) return CopyToImage(view);
  // Nothing writes to it: the interface has no images of constant pixels.
  const std::shared_ptr<std::uint8_t> pixels(owner, const_cast<std::uint8_t*>(view.data));
  const auto row = static_cast<std::size_t>(view.width) * 3;
  return Image(pixels, view.width, view.height, view.stride != 0 ? view.stride : row);
}

Pixels ToArray(Image image) {
  auto* const owned = new Image(std::move(image));
  const nb::capsule owner(owned,
                          [](void* pointer) noexcept { delete static_cast<Image*>(pointer); });
  const auto width = static_cast<std::size_t>(owned->width());
  return Pixels(owned->data(), {static_cast<std::size_t>(owned->height()), width, 3}, owner,
                {static_cast<std::int64_t>(owned->stride()), 3, 1});
}

}  // namespace yoloport::python
