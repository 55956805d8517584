#include "yoloport/package.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "serve/safe_text.h"
#include "serve/targets.h"
#include "yoloport/error.h"
#include "yoloport/limits.h"

namespace yoloport {
namespace {

using base::Quote;
using serve::IsPlainName;
using serve::PackagePlan;
using serve::PlainName;

constexpr const char* kUsualStorage = "pvc://models";

struct Target {
  std::string_view name;
  void (*add)(const serve::ServedModel&, const PackagePlan&, serve::PackageFolder&, serve::Notes&);
  bool (*is_name)(std::string_view);
  std::string (*to_name)(std::string_view);
  const char* names_are;
};

constexpr const char* kPlainNames =
    "a name is letters, digits, _, - and ., at most 100, and begins with a letter, a digit or _";
constexpr const char* kDnsNames =
    "a name in Kubernetes is lower-case letters, digits and -, at most 50, and begins with a "
    "letter";

constexpr std::array<Target, 4> kTargets = {{
    {"triton", serve::AddTriton, IsPlainName, PlainName, kPlainNames},
    {"ovms", serve::AddOvms, IsPlainName, PlainName, kPlainNames},
    {"kserve", serve::AddKserve, serve::IsDnsName, serve::DnsName, kDnsNames},
    {"deepstream", serve::AddDeepstream, IsPlainName, PlainName, kPlainNames},
}};

const Target& FindTarget(const std::string& name) {
  const auto* found = std::find_if(kTargets.begin(), kTargets.end(),
                                   [&](const Target& target) { return target.name == name; });
  if (found != kTargets.end()) return *found;
  throw UsageError("unknown --target " + Quote(name),
                   "known are: " + base::JoinText(PackageTargets()));
}

PackagePlan Plan(const PackageOptions& options, const Target& target) {
  if (options.max_batch < 1 || options.max_batch > kLargestBatch) {
    throw UsageError("--max-batch must be from 1 to " + std::to_string(kLargestBatch));
  }
  if (!options.name.empty() && !target.is_name(options.name)) {
    throw UsageError("--name " + Quote(options.name) + " does not do for " + options.target,
                     target.names_are);
  }
  if (!options.storage_uri.empty() && target.name != "kserve") {
    throw UsageError("--storage-uri is for --target kserve");
  }
  if (serve::PlainText(options.storage_uri) != options.storage_uri) {
    throw UsageError("--storage-uri " + Quote(options.storage_uri) +
                     " holds characters that a URI has not");
  }
  return {options.name.empty() ? target.to_name(options.model.stem().native()) : options.name,
          options.max_batch, options.storage_uri.empty() ? kUsualStorage : options.storage_uri};
}

}  // namespace

std::vector<std::string> PackageTargets() {
  std::vector<std::string> names;
  for (const Target& target : kTargets) names.emplace_back(target.name);
  return names;
}

PackageReport Package(const PackageOptions& options) {
  const Target& target = FindTarget(options.target);
  const PackagePlan plan = Plan(options, target);
  const serve::ServedModel model = serve::ReadServedModel(options.model);
  serve::PackageFolder folder(options.output);
  PackageReport report;
  target.add(model, plan, folder, report.notes);
  folder.Commit();
  report.folder = options.output;
  report.name = plan.name;
  report.files = folder.files();
  return report;
}

}  // namespace yoloport
