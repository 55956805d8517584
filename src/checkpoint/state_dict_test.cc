#include "checkpoint/state_dict.h"

#include <gtest/gtest.h>

#include "formats/pickle/unpickler.h"
#include "testing/files/checkpoint_files.h"
#include "yoloport/error.h"

namespace yoloport::checkpoint {
namespace {

using tensor::DType;
using test_support::FloatBytes;
using test_support::OpenError;
using test_support::PickleWriter;
using test_support::TorchZip;

constexpr const char* kDamaged = "\nhint: the file is damaged: download or save it again";

// A checkpoint whose state_dict has the one key "w", described by `code`.
std::string OneTensor(const PickleWriter& code, const std::string& bytes = FloatBytes({1, 2, 3})) {
  std::string instructions = code.Done().substr(2);  // without PROTO and STOP
  instructions.pop_back();
  PickleWriter writer;
  writer.Raw("}").Text("state_dict").Raw("}").Text("w").Raw(instructions).Raw("ss");
  return TorchZip(writer.Done(), {{"0", bytes}});
}

PickleWriter FloatView(std::int64_t elements, std::int64_t offset,
                       const std::vector<std::int64_t>& shape,
                       const std::vector<std::int64_t>& stride) {
  return PickleWriter().Tensor("FloatStorage", "0", elements, offset, shape, stride);
}

Checkpoint OpenContents(const std::string& contents) {
  return Checkpoint::Open(test_support::TemporaryFile(contents).path());
}

std::vector<float> ReadOne(const std::string& contents) {
  const tensor::Tensor dense = OpenContents(contents).tensors().at(0).tensor.To(DType::kFloat32);
  return {dense.values<float>().begin(), dense.values<float>().end()};
}

std::string ProblemOf(const std::string& contents) {
  return OpenContents(contents).tensors().at(0).problem;
}

TEST(TensorReaderTest, Views) {
  using Floats = std::vector<float>;
  EXPECT_EQ(ReadOne(OneTensor(FloatView(3, 0, {3}, {1}))), (Floats{1, 2, 3}));
  EXPECT_EQ(ReadOne(OneTensor(FloatView(3, 1, {2}, {1}))), (Floats{2, 3}));
  EXPECT_EQ(ReadOne(OneTensor(FloatView(3, 0, {2}, {2}))), (Floats{1, 3}));
  EXPECT_EQ(ReadOne(OneTensor(FloatView(3, 2, {2, 2}, {0, 0}))), (Floats{3, 3, 3, 3}));
  EXPECT_EQ(ReadOne(OneTensor(FloatView(3, 0, {2, 2}, {1, 1}))), (Floats{1, 2, 2, 3}));
  EXPECT_EQ(ReadOne(OneTensor(FloatView(3, 2, {}, {}))), (Floats{3}));
  EXPECT_EQ(ReadOne(OneTensor(FloatView(3, 9, {0, 5}, {5, 1}))), (Floats{}));
  EXPECT_EQ(ReadOne(OneTensor(FloatView(0, 0, {0}, {1}), "")), (Floats{}));
}

TEST(TensorReaderTest, EveryElementType) {
  struct Row {
    const char* storage;
    DType dtype;
  };
  for (const Row& row :
       {Row{"DoubleStorage", DType::kFloat64}, Row{"FloatStorage", DType::kFloat32},
        Row{"HalfStorage", DType::kFloat16}, Row{"BFloat16Storage", DType::kBFloat16},
        Row{"LongStorage", DType::kInt64}, Row{"IntStorage", DType::kInt32},
        Row{"ShortStorage", DType::kInt16}, Row{"CharStorage", DType::kInt8},
        Row{"ByteStorage", DType::kUInt8}, Row{"BoolStorage", DType::kBool}}) {
    const std::string bytes(2 * tensor::ElementSize(row.dtype), '\0');
    const auto checkpoint =
        OpenContents(OneTensor(PickleWriter().Tensor(row.storage, "0", 2, 0, {2}, {1}), bytes));
    EXPECT_EQ(checkpoint.tensors()[0].tensor.dtype(), row.dtype) << row.storage;
  }
}

TEST(TensorReaderTest, ParametersAndTensorClasses) {
  const PickleWriter view = FloatView(3, 0, {3}, {1});
  std::string tensor = view.Done().substr(2);
  tensor.pop_back();
  EXPECT_EQ(ReadOne(OneTensor(PickleWriter()
                                  .Global("torch._utils", "_rebuild_parameter")
                                  .Raw(tensor)
                                  .Raw("\x88N\x87R"))),
            (std::vector<float>{1, 2, 3}));
  PickleWriter from_type;
  from_type.Global("torch._tensor", "_rebuild_from_type_v2").Raw("(");
  from_type.Global("torch._utils", "_rebuild_tensor_v2").Global("my", "Tensor").Raw("(");
  from_type.Storage("FloatStorage", "0", 3).Int(0).IntTuple({3}).IntTuple({1}).Raw("\x89NtNtR");
  EXPECT_EQ(ReadOne(OneTensor(from_type)), (std::vector<float>{1, 2, 3}));
  PickleWriter untyped;
  untyped.Global("torch._utils", "_rebuild_tensor_v3").Raw("(");
  untyped.Storage("UntypedStorage", "0", 12).Int(1).IntTuple({2}).IntTuple({1}).Raw("\x89N");
  untyped.Global("torch", "float32").Raw("tR");
  EXPECT_EQ(ReadOne(OneTensor(untyped)), (std::vector<float>{2, 3}));
}

TEST(TensorReaderTest, MalformedTensorsAreRefused) {
  const auto error = [](const PickleWriter& code) { return OpenError(OneTensor(code)); };
  const std::string place = "tensor 'w': ";
  constexpr std::int64_t kHuge = std::int64_t{1} << 62;
  EXPECT_EQ(error(FloatView(3, 0, {4}, {1})),
            place +
                "shape 4, stride 1 and offset 0 reach outside entry 'top/data/0' of 3 elements" +
                kDamaged);
  EXPECT_EQ(error(FloatView(3, 1, {3}, {1})),
            place +
                "shape 3, stride 1 and offset 1 reach outside entry 'top/data/0' of 3 elements" +
                kDamaged);
  EXPECT_EQ(error(FloatView(3, 0, {3, 3}, {kHuge, kHuge})),
            place +
                "shape 3x3, stride 4611686018427387904x4611686018427387904 and offset 0 reach "
                "outside entry 'top/data/0' of 3 elements" +
                kDamaged);
  EXPECT_EQ(error(FloatView(3, 0, {kHuge, 4}, {0, 0})),
            place + "its shape 4611686018427387904x4 is too large" + kDamaged);
  EXPECT_EQ(error(FloatView(3, 0, {kHuge, 4, 0}, {0, 0, 0})),
            place + "its shape 4611686018427387904x4x0 is too large" + kDamaged);
  EXPECT_EQ(error(FloatView(3, 0, {-1}, {1})), place + "its shape holds -1" + kDamaged);
  EXPECT_EQ(error(FloatView(3, 0, {1}, {-1})), place + "its stride holds -1" + kDamaged);
  EXPECT_EQ(error(FloatView(3, -1, {1}, {1})),
            place + "its offset is no number from 0 on" + kDamaged);
  EXPECT_EQ(error(FloatView(3, 0, {1, 1}, {1})),
            place + "its shape has 2 dimensions, its stride 1" + kDamaged);
  EXPECT_EQ(
      error(FloatView(3, 0, std::vector<std::int64_t>(17, 1), std::vector<std::int64_t>(17, 1))),
      place + "it has 17 dimensions; at most 16 are supported" + kDamaged);
  EXPECT_EQ(error(FloatView(3, 0, {std::int64_t{1} << 25}, {0})),
            place + "shape 33554432 repeats the 3 elements of entry 'top/data/0' to 128.0 MiB" +
                kDamaged);
  EXPECT_EQ(error(FloatView(4, 0, {1}, {1})),
            place + "entry 'top/data/0' has 12 bytes where 4 elements of float32 are expected" +
                kDamaged);
  EXPECT_EQ(error(FloatView(kHuge, 0, {1}, {1})),
            place +
                "entry 'top/data/0' has 12 bytes where 4611686018427387904 elements of float32 "
                "are expected" +
                kDamaged);
  EXPECT_EQ(error(FloatView(-1, 0, {1}, {1})),
            place + "its storage has no well-formed id" + kDamaged);
  EXPECT_EQ(error(PickleWriter().Tensor("FloatStorage", "../0", 3, 0, {1}, {1})),
            place + "its storage, entry 'top/data/../0', is not in the archive" + kDamaged);
  EXPECT_EQ(error(PickleWriter().Global("torch._utils", "_rebuild_tensor_v2").Raw(")R")),
            place + "its description has 0 arguments" + kDamaged);
  PickleWriter no_storage;
  no_storage.Global("torch._utils", "_rebuild_tensor_v2").Raw("(K\1K\0))tR");
  EXPECT_NE(error(no_storage), "(no error)");
}

TEST(TensorReaderTest, OtherKindsOfTensorsAreAProblemOfTheirKey) {
  const auto rebuilt = [](const char* function) {
    return OneTensor(PickleWriter().Global("torch._utils", function).Raw(")R"));
  };
  EXPECT_EQ(ProblemOf(rebuilt("_rebuild_qtensor")), "a quantized tensor");
  EXPECT_EQ(ProblemOf(rebuilt("_rebuild_sparse_tensor")), "a sparse tensor");
  EXPECT_EQ(ProblemOf(rebuilt("_rebuild_meta_tensor_no_storage")),
            "a meta tensor, which has a shape but no values");
  EXPECT_EQ(ProblemOf(OneTensor(PickleWriter().Tensor("ComplexFloatStorage", "0", 1, 0, {1}, {1}))),
            "a complex tensor");
  EXPECT_EQ(ProblemOf(OneTensor(PickleWriter().Tensor("MyStorage", "0", 1, 0, {1}, {1}))),
            "a tensor of the unknown storage class 'torch.MyStorage'");
  PickleWriter negative;
  negative.Global("torch._utils", "_rebuild_tensor_v2").Raw("(");
  negative.Storage("FloatStorage", "0", 3).Int(0).IntTuple({3}).IntTuple({1}).Raw("\x89N}");
  negative.Text("neg").Raw("\x88stR");
  EXPECT_EQ(ProblemOf(OneTensor(negative)),
            "a tensor saved as the negative or conjugate of another");
}

// A checkpoint with a good tensor "good" and whatever `code` gives as "w".
std::string WithGood(std::string_view code) {
  PickleWriter writer;
  writer.Raw("}").Text("state_dict").Raw("}(").Text("good");
  writer.Tensor("FloatStorage", "0", 3, 0, {3}, {1}).Text("w").Raw(code).Raw("us");
  return TorchZip(writer.Done(), {{"0", FloatBytes({1, 2, 3})}});
}

TEST(StateDictTest, WhatIsNoTensorIsAProblemOfItsKey) {
  const auto problem = [](std::string_view code) {
    return OpenContents(WithGood(code)).tensors().at(1).problem;
  };
  EXPECT_EQ(problem("K\1"), "an int, not a tensor");
  EXPECT_EQ(problem("cos\nsystem\nU\2ls\x85R"), "an object of 'os.system', not a tensor");
  EXPECT_EQ(problem("ctorch\nfloat32\n"), "the name 'torch.float32', not a tensor");
  const auto checkpoint = OpenContents(WithGood("cos\nsystem\nU\2ls\x85R"));
  EXPECT_EQ(checkpoint.unknown_classes(), (std::vector<std::string>{"os.system"}));
  EXPECT_EQ(checkpoint.tensors()[0].problem, "");
}

TEST(StateDictTest, SharedStoragesAreLoadedOnce) {
  PickleWriter writer;
  writer.Raw("}(").Text("a").Tensor("FloatStorage", "0", 3, 0, {3}, {1});
  writer.Text("b").Tensor("FloatStorage", "0", 3, 1, {2}, {1}).Raw("u");
  const auto checkpoint = OpenContents(TorchZip(writer.Done(), {{"0", FloatBytes({1, 2, 3})}}));
  EXPECT_EQ(checkpoint.tensors()[0].storage, checkpoint.tensors()[1].storage);
}

TEST(StateDictTest, OneStorageHasOneTypeAndLength) {
  const auto error = [](const char* storage_class, std::int64_t elements) {
    PickleWriter writer;
    writer.Raw("}(").Text("a").Tensor("FloatStorage", "0", 3, 0, {3}, {1});
    writer.Text("b").Tensor(storage_class, "0", elements, 0, {1}, {1}).Raw("u");
    return OpenError(TorchZip(writer.Done(), {{"0", FloatBytes({1, 2, 3})}}));
  };
  EXPECT_EQ(error("IntStorage", 3), std::string("tensor 'b': entry 'top/data/0' is said to hold "
                                                "both float32 and int32") +
                                        kDamaged);
  EXPECT_EQ(error("FloatStorage", 2),
            std::string("tensor 'b': entry 'top/data/0' is said to hold both 3 and 2 elements") +
                kDamaged);
}

std::string Nested(const char* name, std::string_view prefix = "") {
  PickleWriter writer;
  writer.Raw("}").Text(name).Raw("}").Text(std::string(prefix) + "w");
  writer.Tensor("FloatStorage", "0", 3, 0, {3}, {1}).Raw("ss");
  return TorchZip(writer.Done(), {{"0", FloatBytes({1, 2, 3})}});
}

TEST(StateDictTest, WhereWeightsAreFound) {
  using Notes = std::vector<std::string>;
  EXPECT_EQ(OpenContents(Nested("state_dict")).notes(), Notes{});
  EXPECT_EQ(OpenContents(Nested("model")).notes(),
            Notes{"the weights are those under 'model', there is no 'state_dict'"});
  EXPECT_EQ(OpenContents(Nested("ema_state_dict")).notes(),
            Notes{"the weights are those under 'ema_state_dict', there is no 'state_dict'"});
  const auto prefixed = OpenContents(Nested("state_dict", "module."));
  EXPECT_EQ(prefixed.tensors()[0].key, "w");
  EXPECT_EQ(prefixed.notes(), Notes{"1 of 1 keys had the prefix 'module.', which was taken off"});
  PickleWriter top;
  top.Raw("}").Text("w").Tensor("FloatStorage", "0", 3, 0, {3}, {1}).Raw("s");
  EXPECT_EQ(OpenContents(TorchZip(top.Done(), {{"0", FloatBytes({1, 2, 3})}})).notes(),
            Notes{"the weights are the file's top level, there is no 'state_dict'"});
}

TEST(StateDictTest, WeightsOfOtherProgramsAreFoundSoThatTheyCanBeNamed) {
  using Notes = std::vector<std::string>;
  EXPECT_EQ(OpenContents(Nested("ema_net")).notes(),
            Notes{"the weights are those under 'ema_net', there is no 'state_dict'"});
  PickleWriter inner;
  inner.Raw("}").Text("ema").Raw("}").Text("module").Raw("}").Text("w");
  inner.Tensor("FloatStorage", "0", 3, 0, {3}, {1}).Raw("sss");
  const auto found = OpenContents(TorchZip(inner.Done(), {{"0", FloatBytes({1, 2, 3})}}));
  EXPECT_EQ(found.tensors().at(0).key, "w");
  EXPECT_EQ(found.notes(), Notes{"the weights are those under 'ema', there is no 'state_dict'"});
}

// A file with these keys, each the one number of its place.
std::string WithKeys(const std::vector<std::string>& keys) {
  PickleWriter writer;
  writer.Raw("}(");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    writer.Text(keys[i]).Tensor("FloatStorage", "0", 3, static_cast<std::int64_t>(i), {1}, {1});
  }
  return TorchZip(writer.Raw("u").Done(), {{"0", FloatBytes({1, 2, 3})}});
}

TEST(StateDictTest, WrappersAreTakenOff) {
  const Checkpoint checkpoint =
      OpenContents(WithKeys({"module._orig_mod.a.w", "ema.module.b.w", "steps"}));
  EXPECT_EQ(checkpoint.tensors()[0].key, "a.w");
  EXPECT_EQ(checkpoint.tensors()[1].key, "b.w");
  EXPECT_EQ(checkpoint.tensors()[2].key, "steps");
  EXPECT_EQ(
      checkpoint.notes()[1],
      "2 of 3 keys had the prefixes 'ema.module.', 'module._orig_mod.', which were taken off");
}

TEST(StateDictTest, AveragedWeightsGoBeforeTrainedOnes) {
  for (const auto& keys : {std::vector<std::string>{"model.w", "ema.w"}, {"ema.w", "model.w"}}) {
    const Checkpoint checkpoint = OpenContents(WithKeys(keys));
    ASSERT_EQ(checkpoint.tensors().size(), 1U);
    const auto values = checkpoint.tensors()[0].tensor.To(DType::kFloat32);
    EXPECT_EQ(values.values<float>()[0], keys[0] == "ema.w" ? 1 : 2);
    EXPECT_EQ(checkpoint.notes()[1],
              "1 weight is in the checkpoint twice, as trained and averaged ('ema.'): the averaged "
              "one is taken");
  }
}

TEST(StateDictTest, FilesWithoutWeights) {
  const std::string need =
      "\nhint: a checkpoint written by MMYOLO's training, or a state_dict, is needed";
  const auto error = [](const PickleWriter& writer) {
    return OpenError(TorchZip(writer.Done(), {}));
  };
  EXPECT_EQ(error(PickleWriter().Raw("}(").Text("meta").Raw("}").Text("optimizer").Raw("}u")),
            "no weights in it: its keys are 'meta', 'optimizer'" + need);
  EXPECT_EQ(error(PickleWriter().Raw("]")), "no weights: the file holds a list" + need);
  EXPECT_EQ(error(PickleWriter().Global("models.yolo", "Model").Raw(")\x81")),
            "no weights: the file holds an object of 'models.yolo.Model'\n"
            "hint: it may be a whole model: load it where it was saved and save its state_dict()");
  EXPECT_EQ(
      error(PickleWriter().Raw("}").Text("model").Global("models.yolo", "Model").Raw(")\x81s")),
      "no state_dict: 'model' is an object of 'models.yolo.Model'\n"
      "hint: a whole model was saved: load it where it was saved and save its state_dict()");
  EXPECT_EQ(error(PickleWriter().Raw("}").Text("state_dict").Raw("}s")),
            "no weights: 'state_dict' is a dict without a tensor\n"
            "hint: save the checkpoint again, with the model's state_dict()");
}

TEST(StateDictTest, KeysAreUniqueTexts) {
  PickleWriter twice;
  twice.Raw("}(").Text("module.w").Tensor("FloatStorage", "0", 3, 0, {3}, {1});
  twice.Text("w").Tensor("FloatStorage", "0", 3, 0, {3}, {1}).Raw("u");
  EXPECT_EQ(OpenError(TorchZip(twice.Done(), {{"0", FloatBytes({1, 2, 3})}})),
            "the key 'w' stands twice in the state_dict");
  PickleWriter number;
  number.Raw("}(").Text("w").Tensor("FloatStorage", "0", 3, 0, {3}, {1});
  number.Int(1).Raw("Nu");
  EXPECT_EQ(OpenError(TorchZip(number.Done(), {{"0", FloatBytes({1, 2, 3})}})),
            "a key of the state_dict is an int, not a string");
}

CheckpointMeta MetaOf(const PickleWriter& meta) {
  std::string code = meta.Done().substr(2);
  code.pop_back();
  PickleWriter writer;
  writer.Raw("}").Text("meta").Raw(code).Raw("s");
  formats::pickle::PickleDocument document;
  const std::string bytes = writer.Done();
  return ReadMeta(formats::pickle::Unpickler(document, bytes, 0, "").Load());
}

TEST(MetaTest, OldAndNewNamesOfClasses) {
  const std::vector<std::string> both = {"a", "b"};
  EXPECT_EQ(MetaOf(PickleWriter().Raw("}").Text("CLASSES").Raw("(").Text("a").Text("b").Raw("ts"))
                .classes,
            both);
  PickleWriter old;
  old.Raw("}").Text("dataset_meta").Raw("}").Text("CLASSES").Raw("](").Text("a").Text("b");
  EXPECT_EQ(MetaOf(old.Raw("ess")).classes, both);
  EXPECT_EQ(MetaOf(PickleWriter().Raw("}").Text("classes").Text("cat").Raw("s")).classes,
            std::vector<std::string>{"cat"});
}

// A config's metainfo=dict(CLASSES=...) leaves the dataset's own beside it.
TEST(MetaTest, EachListOfClassesIsKept) {
  PickleWriter both;
  both.Raw("}").Text("dataset_meta").Raw("}(").Text("classes").Raw("(").Text("a").Text("b");
  both.Raw("t").Text("CLASSES").Raw("(").Text("c").Raw("tus");
  const CheckpointMeta meta = MetaOf(both);
  EXPECT_EQ(meta.classes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(meta.other_classes, (std::vector<std::vector<std::string>>{{"c"}}));
}

TEST(MetaTest, OddValuesAreLeftOut) {
  PickleWriter odd;
  odd.Raw("}(").Text("epoch").Text("ten").Text("iter").Raw("N").Text("cfg").Raw("}");
  odd.Text("dataset_meta").Raw("}(").Text("classes").Raw("](N").Raw("e").Text("palette");
  odd.Raw("]").IntTuple({1, 2, 256}).Raw("auu");
  const CheckpointMeta meta = MetaOf(odd);
  EXPECT_FALSE(meta.epoch.has_value());
  EXPECT_FALSE(meta.iter.has_value());
  EXPECT_EQ(meta.config_text, "");
  EXPECT_TRUE(meta.classes.empty());
  EXPECT_TRUE(meta.palette.empty());
}

TEST(MetaTest, ManyLongClassNamesAreNotCopied) {
  PickleWriter many;
  many.Raw("}").Text("CLASSES").Raw("](").Text(std::string(10'000, 'x')).Raw("q\1");
  for (int i = 0; i < 100'000; ++i) many.Raw("h\1");
  EXPECT_TRUE(MetaOf(many.Raw("es")).classes.empty());
}

}  // namespace
}  // namespace yoloport::checkpoint
