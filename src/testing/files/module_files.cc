#include "testing/files/module_files.h"

#include <algorithm>

namespace yoloport::test_support {
namespace {

std::string GlobalCode(std::string_view class_name) {
  const std::size_t dot = class_name.rfind('.');
  return Code(PickleWriter().Global(class_name.substr(0, dot), class_name.substr(dot + 1)));
}

std::string FloatsCode(const NamedFloats& floats, std::vector<StorageData>& data) {
  std::vector<std::int64_t> stride(floats.shape.size(), 1);
  for (std::size_t i = stride.size(); i-- > 1;) stride[i - 1] = stride[i] * floats.shape[i];
  const std::string key = std::to_string(data.size());
  data.push_back({key, FloatBytes(floats.values)});
  return Code(PickleWriter().Tensor("FloatStorage", key,
                                    static_cast<std::int64_t>(floats.values.size()), 0,
                                    floats.shape, stride));
}

std::string TensorsCode(const std::vector<NamedFloats>& tensors, std::vector<StorageData>& data) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const NamedFloats& each : tensors) entries.emplace_back(each.key, FloatsCode(each, data));
  return DictCode(entries);
}

}  // namespace

std::string Code(const PickleWriter& writer) {
  const std::string bytes = writer.Done();
  return bytes.substr(2, bytes.size() - 3);  // without PROTO and STOP
}

std::string IntCode(std::int64_t number) { return Code(PickleWriter().Int(number)); }

std::string NumberCode(double number) {
  std::string bytes = LittleEndian(number);
  std::reverse(bytes.begin(), bytes.end());
  return "G" + bytes;
}

std::string TextCode(std::string_view text) { return Code(PickleWriter().Text(text)); }

std::string BoolCode(bool value) { return value ? "\x88" : "\x89"; }

std::string ListCode(const std::vector<std::string>& items) {
  std::string code = "](";
  for (const std::string& item : items) code += item;
  return code + "e";
}

std::string DictCode(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string code = "}(";
  for (const auto& [key, value] : entries) code += TextCode(key) + value;
  return code + "u";
}

std::string ModuleCode(const ModuleSpec& module, std::vector<StorageData>& data) {
  std::vector<std::pair<std::string, std::string>> state = {
      {"training", BoolCode(false)},
      {"_parameters", TensorsCode(module.parameters, data)},
      {"_buffers", TensorsCode(module.buffers, data)}};
  std::vector<std::string> names;
  for (const std::string& name : module.not_saved) names.push_back(TextCode(name));
  state.emplace_back("_non_persistent_buffers_set",
                     GlobalCode("__builtin__.set") + ListCode(names) + "\x85R");
  std::vector<std::pair<std::string, std::string>> children;
  for (const auto& [name, child] : module.children) {
    children.emplace_back(name, ModuleCode(child, data));
  }
  state.emplace_back("_modules", DictCode(children));
  state.insert(state.end(), module.attributes.begin(), module.attributes.end());
  return GlobalCode(module.class_name) + ")\x81" + DictCode(state) + "b";
}

std::string TorchModule(const ModuleSpec& module, std::string_view key,
                        const std::vector<std::pair<std::string, std::string>>& more) {
  std::vector<StorageData> data;
  std::vector<std::pair<std::string, std::string>> entries = {
      {std::string(key), ModuleCode(module, data)}};
  entries.insert(entries.end(), more.begin(), more.end());
  return TorchZip(PickleWriter().Raw(DictCode(entries)).Done(), data);
}

ModuleSpec Conv2dSpec(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                      bool has_bias) {
  ModuleSpec module{.class_name = "torch.nn.modules.conv.Conv2d"};
  const auto pair = [](std::int64_t number) {
    return Code(PickleWriter().IntTuple({number, number}));
  };
  module.attributes = {{"in_channels", IntCode(in)},  {"out_channels", IntCode(out)},
                       {"kernel_size", pair(kernel)}, {"stride", pair(stride)},
                       {"padding", pair(kernel / 2)}, {"dilation", pair(1)},
                       {"groups", IntCode(1)},        {"padding_mode", TextCode("zeros")}};
  std::vector<float> values;
  for (std::int64_t i = 0; i < in * out * kernel * kernel; ++i) {
    values.push_back(static_cast<float>(i % 17) / 16);
  }
  module.parameters = {{"weight", {out, in, kernel, kernel}, values}};
  if (has_bias) {
    module.parameters.push_back({"bias", {out}, std::vector<float>(static_cast<std::size_t>(out))});
  }
  return module;
}

ModuleSpec ListSpec(std::string_view type, std::vector<ModuleSpec> modules) {
  ModuleSpec list{.class_name = "torch.nn.modules.container." + std::string(type)};
  for (ModuleSpec& module : modules) {
    const std::string name = std::to_string(list.children.size());
    list.children.emplace_back(name, std::move(module));
  }
  return list;
}

ModuleSpec LayerSpec(ModuleSpec module, std::string from, std::int64_t index) {
  module.attributes.emplace_back("f", std::move(from));
  module.attributes.emplace_back("i", IntCode(index));
  return module;
}

}  // namespace yoloport::test_support
