// Entries 20 to 41 of the catalogue in docs/security.md: pickles, and the tensors they describe.
#include "bad_inputs/bad_input.h"
#include "bad_inputs/changed_checkpoint.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::bad_inputs {
namespace {

using test_support::FloatBytes;
using test_support::Outcome;
using test_support::PickleWriter;
using test_support::SmallData;
using test_support::SmallPickle;
using test_support::TorchZip;

using namespace std::string_literals;

class BadPickle : public BadInput {
 protected:
  // An archive around these instructions.
  void ExpectBadPickle(const std::string& instructions, const std::string& message) const {
    ExpectNoCheckpoint(TorchZip(PickleWriter().Raw(instructions).Done(), SmallData()), message);
  }
};

class BadTensor : public BadInput {
 protected:
  // A state_dict of one entry "w", which `write` writes.
  template <typename WriteTensor>
  static std::string Holding(const WriteTensor& write) {
    PickleWriter writer;
    writer.Raw("}").Text("state_dict").Raw("}").Text("w");
    write(writer);
    return TorchZip(writer.Raw("ss").Done(), SmallData());
  }

  // "w" as a view of storage "0": 6 floats.
  static std::string View(std::int64_t offset, const std::vector<std::int64_t>& shape,
                          const std::vector<std::int64_t>& stride, std::int64_t elements = 6) {
    return Holding([&](PickleWriter& writer) {
      writer.Tensor("FloatStorage", "0", elements, offset, shape, stride);
    });
  }

  std::string Inspected(std::string_view contents) const {
    Write("model.pth", contents);
    const Outcome outcome = Run({"inspect", "model.pth"});
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(outcome.code, 0);
    return outcome.out;
  }
  void ExpectInspected(std::string_view contents, const std::string& part) const {
    const std::string text = Inspected(contents);
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }

  template <typename Change>
  std::string Demo(const Change& change) const {
    return ChangedCheckpoint(test_support::Contents(folder_ / "digits.pth"), change);
  }
};

TEST_F(BadPickle, E20CallsAreNeverMade) {
  // Where weights should be, the call is named; beside them, it is only listed.
  ExpectBadPickle(
      "cos\nsystem\n(X\x0d\0\0\0touch escapedtR"s,
      "error: 'model.pth': no weights: the file holds an object of 'os.system'\n"
      "hint: it may be a whole model: load it where it was saved and save its state_dict()\n");
  ExpectBadPickle(
      "}X\x0a\0\0\0state_dictcbuiltins\neval\n(X\x04\0\0\0"
      "1+1 tRs"s,
      "error: 'model.pth': no weights: 'state_dict' is an object of 'builtins.eval' without a "
      "tensor\n"
      "hint: save the checkpoint again, with the model's state_dict()\n");
  PickleWriter writer;
  writer.Raw("}").Text("state_dict").Raw("}").Text("w");
  writer.Global("posix", "system").Raw("(").Text("touch escaped").Raw("tRs");
  writer.Text("v").Tensor("FloatStorage", "0", 6, 0, {6}, {1}).Raw("ss");
  Write("model.pth", TorchZip(writer.Done(), SmallData()));
  const Outcome outcome = Run({"inspect", "model.pth"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.out.find("unknown classes posix.system (never executed)"), std::string::npos)
      << outcome.out;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "escaped"));
}

TEST_F(BadPickle, E21UnknownClassesAreOpaque) {
  PickleWriter writer;
  writer.Raw("}").Text("message_hub").Global("mmengine.logging.history_buffer", "HistoryBuffer");
  writer.Raw(")\x81}").Text("_log_history").Raw("]sbs");
  writer.Text("state_dict").Raw("}").Text("w").Tensor("FloatStorage", "0", 6, 0, {6}, {1});
  Write("model.pth", TorchZip(writer.Raw("ss").Done(), SmallData()));
  const Outcome outcome = Run({"inspect", "model.pth"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
}

TEST_F(BadPickle, E22WrongKinds) {
  ExpectBadPickle(
      "K\1K\2K\3s",
      "error: 'model.pth': entry 'top/data.pkl', byte 8: SETITEM: sets items of an int\n"
      "hint: the file is damaged: download or save it again\n");
  ExpectBadPickle("}K\1a",
                  "error: 'model.pth': entry 'top/data.pkl', byte 5: APPEND: appends to a dict\n"
                  "hint: the file is damaged: download or save it again\n");
  ExpectBadPickle(
      "K\1K\2b",
      "error: 'model.pth': entry 'top/data.pkl', byte 6: BUILD: sets the state of an int\n"
      "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadPickle, E23StackAndMemo) {
  ExpectBadPickle("0",
                  "error: 'model.pth': entry 'top/data.pkl', byte 2: POP: the stack is empty\n"
                  "hint: the file is damaged: download or save it again\n");
  ExpectBadPickle(
      "t",
      "error: 'model.pth': entry 'top/data.pkl', byte 2: TUPLE: there is no MARK on the stack\n"
      "hint: the file is damaged: download or save it again\n");
  ExpectBadPickle(
      "h\7",
      "error: 'model.pth': entry 'top/data.pkl', byte 2: BINGET: memo entry 7 was never stored\n"
      "hint: the file is damaged: download or save it again\n");
  ExpectNoCheckpoint(
      TorchZip("\x80\x02}", SmallData()),
      "error: 'model.pth': entry 'top/data.pkl', byte 3: the pickle ends without a STOP\n"
      "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadPickle, E24AMillionLevels) {
  ExpectBadPickle(std::string(400'000, ']') + std::string(399'999, 'a'),
                  "error: 'model.pth': entry 'top/data.pkl', byte 401002: APPEND: values are "
                  "nested more than 1000 levels deep\n"
                  "hint: no checkpoint is as deep: the file is not what it seems to be\n");
  std::string tuples = "N";
  tuples.append(1'000'000, '\x85');
  ExpectBadPickle(tuples,
                  "error: 'model.pth': entry 'top/data.pkl', byte 1003: TUPLE1: values are nested "
                  "more than 1000 levels deep\n"
                  "hint: no checkpoint is as deep: the file is not what it seems to be\n");
}

TEST_F(BadPickle, E25MemoBombs) {
  // A list of two of a list of two of ...: 2^200 elements, 200 handles.
  std::string bomb = "]q\0"s;
  for (int i = 1; i < 200; ++i) {
    const std::string before(1, static_cast<char>(i - 1));
    const std::string now(1, static_cast<char>(i));
    bomb.append("](h").append(before).append("h").append(before).append("eq").append(now);
  }
  ExpectBadPickle(bomb,
                  "error: 'model.pth': no weights: the file holds a list\n"
                  "hint: a checkpoint written by MMYOLO's training, or a state_dict, is needed\n");
  ExpectBadPickle(std::string(2'000'001, ']'),
                  "error: 'model.pth': entry 'top/data.pkl', byte 500002: EMPTY_LIST: the pickle "
                  "holds more than 500000 values\n"
                  "hint: no checkpoint needs as many: the file is not what it seems to be\n");
}

TEST_F(BadPickle, E26Lengths) {
  ExpectBadPickle("X\xff\xff\xff\xff",
                  "error: 'model.pth': entry 'top/data.pkl', byte 2: BINUNICODE: wants 4294967295 "
                  "bytes where 1 are left\n"
                  "hint: the file is damaged: download or save it again\n");
  ExpectBadPickle("\x8d\0\0\0\0\0\0\0\x80"s,
                  "error: 'model.pth': entry 'top/data.pkl', byte 2: BINUNICODE8: wants "
                  "9223372036854775808 bytes where 1 are left\n"
                  "hint: the file is damaged: download or save it again\n");
  ExpectBadPickle("\x8b\xff\xff\xff\xff",
                  "error: 'model.pth': entry 'top/data.pkl', byte 2: LONG4: wants 4294967295 bytes "
                  "where 1 are left\n"
                  "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadPickle, E27AContainerThatHoldsItself) {
  ExpectBadPickle("]q\0h\0a"s,
                  "error: 'model.pth': no weights: the file holds a list\n"
                  "hint: a checkpoint written by MMYOLO's training, or a state_dict, is needed\n");
  ExpectBadPickle("}q\0X\x0a\0\0\0state_dicth\0s"s,
                  "error: 'model.pth': no weights: 'state_dict' is a dict without a tensor\n"
                  "hint: save the checkpoint again, with the model's state_dict()\n");
}

TEST_F(BadPickle, E28Protocols) {
  ExpectNoCheckpoint(
      TorchZip("(dp0\n.", SmallData()),
      "error: 'model.pth': entry 'top/data.pkl', byte 0: this is no pickle of protocol 2 to 5\n"
      "hint: a file saved with pickle_protocol=0 or 1 must be loaded and saved again by torch\n");
  ExpectNoCheckpoint("L119547037146038801333356L\n.I1001\n.",
                     "error: 'model.pth': this is torch's legacy format with pickle protocol 0\n"
                     "hint: load it with torch and save it again\n");
  for (int protocol = 2; protocol <= 5; ++protocol) {
    std::string pickle = SmallPickle();
    pickle[1] = static_cast<char>(protocol);
    Write("model.pth", TorchZip(pickle, SmallData()));
    EXPECT_EQ(Run({"inspect", "model.pth"}).code, 0) << protocol;
  }
  ExpectNoCheckpoint(
      TorchZip("\x80\x06N.", SmallData()),
      "error: 'model.pth': entry 'top/data.pkl', byte 0: PROTO: protocol 6 where 2 to 5 are known\n"
      "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadPickle, E29LegacyContainer) {
  const std::string right = test_support::TorchLegacy(
      SmallPickle(true), {{"0", FloatBytes({0, 1, 2, 3, 4, 5})}, {"1", FloatBytes({1, -2})}});
  std::string magic = right;
  magic[5] ^= 1;
  ExpectNoCheckpoint(magic,
                     "error: 'model.pth': a Python pickle, but not torch's: it begins with an int "
                     "where torch's magic number should be\n"
                     "hint: a file written by torch.save is needed\n");
  std::string version = right;
  version[version.find("M\xe9\x03") + 1] = '\x01';
  ExpectNoCheckpoint(version,
                     "error: 'model.pth': torch's legacy format in a version other than 1001\n"
                     "hint: the file is damaged: download or save it again\n");
  const std::string keys = test_support::TorchLegacy(
      SmallPickle(true), {{"0", FloatBytes({0, 1, 2, 3, 4, 5})}, {"zzz", FloatBytes({1, -2})}});
  ExpectNoCheckpoint(
      keys,
      "error: 'model.pth': the list of storages names 'zzz', which nothing in the file uses\n"
      "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadTensor, E30ShapeOverflow) {
  ExpectNoCheckpoint(
      View(0, {1LL << 40, 1LL << 40}, {1LL << 40, 1}),
      "error: 'model.pth': tensor 'w': its shape 1099511627776x1099511627776 is too large\n"
      "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadTensor, E31OutsideItsStorage) {
  ExpectNoCheckpoint(View(0, {7}, {1}),
                     "error: 'model.pth': tensor 'w': shape 7, stride 1 and offset 0 reach outside "
                     "entry 'top/data/0' of 6 elements\n"
                     "hint: the file is damaged: download or save it again\n");
  ExpectNoCheckpoint(View(5, {2}, {1}),
                     "error: 'model.pth': tensor 'w': shape 2, stride 1 and offset 5 reach outside "
                     "entry 'top/data/0' of 6 elements\n"
                     "hint: the file is damaged: download or save it again\n");
  ExpectNoCheckpoint(View(0, {2}, {INT64_MAX}),
                     "error: 'model.pth': tensor 'w': shape 2, stride 9223372036854775807 and "
                     "offset 0 reach outside entry 'top/data/0' of 6 elements\n"
                     "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadTensor, E32NegativeNumbers) {
  ExpectNoCheckpoint(View(0, {-1}, {1}),
                     "error: 'model.pth': tensor 'w': its shape holds -1\n"
                     "hint: the file is damaged: download or save it again\n");
  ExpectNoCheckpoint(View(0, {2}, {-1}),
                     "error: 'model.pth': tensor 'w': its stride holds -1\n"
                     "hint: the file is damaged: download or save it again\n");
  ExpectNoCheckpoint(View(-1, {2}, {1}),
                     "error: 'model.pth': tensor 'w': its offset is no number from 0 on\n"
                     "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadTensor, E32StrideZero) {
  ExpectInspected(View(0, {1000}, {0}), "float32  1000");
  ExpectNoCheckpoint(View(0, {1LL << 40}, {0}),
                     "error: 'model.pth': tensor 'w': shape 1099511627776 repeats the 6 elements "
                     "of entry 'top/data/0' to 4.0 TiB\n"
                     "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadTensor, E33StorageLength) {
  ExpectNoCheckpoint(View(0, {6}, {1}, 7),
                     "error: 'model.pth': tensor 'w': entry 'top/data/0' has 24 bytes where 7 "
                     "elements of float32 are expected\n"
                     "hint: the file is damaged: download or save it again\n");
  ExpectNoCheckpoint(View(0, {6}, {1}, -1),
                     "error: 'model.pth': tensor 'w': its storage has no well-formed id\n"
                     "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadTensor, E34TwoElementTypes) {
  ExpectNoCheckpoint(
      Holding([](PickleWriter& writer) {
        writer.Tensor("FloatStorage", "0", 6, 0, {6}, {1}).Raw("s").Text("v");
        writer.Tensor("IntStorage", "0", 6, 0, {6}, {1});
      }),
      "error: 'model.pth': tensor 'v': entry 'top/data/0' is said to hold both float32 and int32\n"
      "hint: the file is damaged: download or save it again\n");
}

TEST_F(BadTensor, E35SharedStorages) {
  ExpectInspected(Holding([](PickleWriter& writer) {
                    writer.Tensor("FloatStorage", "0", 6, 0, {6}, {1}).Raw("s").Text("v");
                    writer.Tensor("FloatStorage", "0", 6, 2, {2, 2}, {1, 2});
                  }),
                  "2 tensors");
}

TEST_F(BadTensor, E36OtherKinds) {
  ExpectInspected(Holding([](PickleWriter& writer) {
                    writer.Global("torch._utils", "_rebuild_qtensor").Raw("(NtR").Raw("s");
                    writer.Text("v").Tensor("ComplexFloatStorage", "0", 3, 0, {3}, {1});
                  }),
                  "  w  a quantized tensor\n  v  a complex tensor\n");
  // Where the network wants them, the key is named.
  Write("model.pth", Holding([](PickleWriter& writer) {
          writer.Global("torch._utils", "_rebuild_sparse_tensor").Raw("(NtRs");
          writer.Text("backbone.stem.conv.weight");
          writer.Global("torch._utils", "_rebuild_sparse_tensor").Raw("(NtR");
        }));
  const Outcome outcome = Run({"export", "config.py", "model.pth"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("'backbone.stem.conv.weight' is a sparse tensor"), std::string::npos)
      << outcome.err;
}

TEST_F(BadTensor, E37HalfTypes) {
  ExpectInspected(Holding([](PickleWriter& writer) {
                    writer.Tensor("HalfStorage", "1", 2, 0, {2}, {1}).Raw("s").Text("v");
                    writer.Tensor("FloatStorage", "0", 6, 0, {6}, {1});
                  }),
                  "  w  float16  2\n");
  ExpectInspected(
      Holding([](PickleWriter& writer) { writer.Tensor("BFloat16Storage", "1", 2, 0, {2}, {1}); }),
      "  w  bfloat16 2\n");  // what they become: WeightsTest, FloatConvertTest
}

TEST_F(BadTensor, E38NotANumber) {
  const std::string nan = Demo([](test_support::ZipSpec& entry) {
    if (entry.name == "digits/data/0") entry.data.replace(0, 4, "\x00\x00\xc0\x7f"s);
  });
  Write("nan.pth", nan);
  const Outcome warned = Run({"export", "config.py", "nan.pth", "--img-size", "320"});
  EXPECT_EQ(warned.code, 0);
  EXPECT_NE(warned.out.find("note: 'backbone.stem.conv.weight' holds 1 value that is NaN or "
                            "infinite\n"),
            std::string::npos)
      << warned.out;
  std::filesystem::remove_all(folder_ / "work_dir");
  ExpectRefused(
      {"export", "config.py", "nan.pth", "--strict"},
      "error: 'nan.pth': 'backbone.stem.conv.weight' holds 1 value that is NaN or infinite\n"
      "hint: without --strict this is only said\n");
  const std::string negative = Demo([](test_support::ZipSpec& entry) {
    if (entry.name == "digits/data/4") entry.data.replace(0, 4, "\x00\x00\x80\xbf"s);
  });
  Write("negative.pth", negative);
  ExpectRefused({"export", "config.py", "negative.pth", "--strict"},
                "error: 'negative.pth': 'backbone.stem.bn.running_var' holds 1 negative variance, "
                "which no training gives\n"
                "hint: without --strict this is only said\n");
}

TEST_F(BadTensor, E39KeysThatDoNotFit) {
  ExpectNoCheckpoint(
      TorchZip(SmallPickle(), SmallData()),
      "error: 'model.pth': the checkpoint does not fit the network: 291 missing, 2 not used\n"
      "  missing: 'backbone.stem.conv.weight', 8x3x6x6 in the network\n"
      "  missing: 'backbone.stem.bn.weight', 8 in the network\n"
      "  missing: 'backbone.stem.bn.bias', 8 in the network\n"
      "  missing: 'backbone.stem.bn.running_mean', 8 in the network\n"
      "  missing: 'backbone.stem.bn.running_var', 8 in the network\n"
      "  missing: 'backbone.stage1.0.conv.weight', 16x8x3x3 in the network\n"
      "  missing: 'backbone.stage1.0.bn.weight', 16 in the network\n"
      "  missing: 'backbone.stage1.0.bn.bias', 16 in the network\n"
      "  missing: 'backbone.stage1.0.bn.running_mean', 16 in the network\n"
      "  missing: 'backbone.stage1.0.bn.running_var', 16 in the network\n"
      "  ... and 281 more missing\n"
      "  not used: 'a.weight', 2x3 in the checkpoint\n"
      "  not used: 'a.bias', 2 in the checkpoint\n"
      "hint: not one weight fits: the checkpoint is of another architecture than the config\n");
  ExpectRefused(
      {"export", "config.py", "digits.pth", "--cfg-options", "model.backbone.widen_factor=0.25",
       "model.neck.widen_factor=0.25", "model.bbox_head.head_module.widen_factor=0.25"},
      "error: 'digits.pth': the checkpoint does not fit the network: 288 of another shape\n"
      "  of another shape: 'backbone.stem.conv.weight', 8x3x6x6 in the checkpoint, 16x3x6x6 in the "
      "network\n"
      "  of another shape: 'backbone.stem.bn.weight', 8 in the checkpoint, 16 in the network\n"
      "  of another shape: 'backbone.stem.bn.bias', 8 in the checkpoint, 16 in the network\n"
      "  of another shape: 'backbone.stem.bn.running_mean', 8 in the checkpoint, 16 in the "
      "network\n"
      "  of another shape: 'backbone.stem.bn.running_var', 8 in the checkpoint, 16 in the network\n"
      "  of another shape: 'backbone.stage1.0.conv.weight', 16x8x3x3 in the checkpoint, 32x16x3x3 "
      "in the network\n"
      "  of another shape: 'backbone.stage1.0.bn.weight', 16 in the checkpoint, 32 in the network\n"
      "  of another shape: 'backbone.stage1.0.bn.bias', 16 in the checkpoint, 32 in the network\n"
      "  of another shape: 'backbone.stage1.0.bn.running_mean', 16 in the checkpoint, 32 in the "
      "network\n"
      "  of another shape: 'backbone.stage1.0.bn.running_var', 16 in the checkpoint, 32 in the "
      "network\n"
      "  ... and 278 more of another shape\n"
      "hint: the checkpoint's own keys and shapes are nearest to YOLOv5-n with 10 classes; the "
      "checkpoint seems to be of another size: its layers are 0.375 times as wide as the config's "
      "(widen_factor)\n");
}

TEST_F(BadTensor, E40PrefixesAndNests) {
  ExpectInspected(Holding([](PickleWriter& writer) {
                    writer.Tensor("FloatStorage", "0", 6, 0, {6}, {1}).Raw("s");
                    writer.Text("module.v").Tensor("FloatStorage", "0", 6, 0, {6}, {1});
                  }),
                  "note            1 of 2 keys had the prefix 'module.', which was taken off\n");
  PickleWriter nested;
  nested.Raw("}").Text("model").Raw("}").Text("w").Tensor("FloatStorage", "0", 6, 0, {6}, {1});
  ExpectInspected(TorchZip(nested.Raw("ss").Done(), SmallData()),
                  "note            the weights are those under 'model', there is no "
                  "'state_dict'\n");
}

TEST_F(BadTensor, E41OnlyAnOptimizer) {
  PickleWriter writer;
  writer.Raw("}").Text("optimizer").Raw("}").Text("state").Raw("}s").Text("param_groups");
  writer.Raw("]ss").Text("epoch").Int(3).Raw("s");
  ExpectNoCheckpoint(
      TorchZip(writer.Done(), SmallData()),
      "error: 'model.pth': no weights in it: its keys are 'optimizer', 'epoch'\n"
      "hint: a checkpoint written by MMYOLO's training, or a state_dict, is needed\n");
}

}  // namespace
}  // namespace yoloport::bad_inputs
