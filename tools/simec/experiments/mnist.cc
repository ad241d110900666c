#include "tools/simec/experiments/mnist.h"

#include <torch/types.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "simec_core/numpy_random.h"
#include "simec_core/tensor_status.h"
#include "tools/simec/experiments/idx_file.h"

namespace conec::simec::experiments {
namespace {

constexpr std::int64_t kSubset = 10000, kTest = 2000;
constexpr std::uint32_t kSeed = 42;

absl::StatusOr<IdxArray> ReadPart(const std::string& folder, const std::string& name) {
  const std::string plain = folder + "/" + name;
  return ReadIdx(std::filesystem::exists(plain) ? plain : plain + ".gz");
}

// One of the two parts, sorted by label.
absl::StatusOr<LabelledPoints> LoadPart(const std::string& folder, const std::string& part) {
  CONEC_ASSIGN_OR_RETURN(IdxArray images, ReadPart(folder, part + "-images-idx3-ubyte"));
  CONEC_ASSIGN_OR_RETURN(IdxArray labels, ReadPart(folder, part + "-labels-idx1-ubyte"));
  if (images.shape.size() != 3 || labels.shape.size() != 1 || images.shape[0] != labels.shape[0]) {
    return DataLoss("'{}': the {} images and labels do not belong together", folder, part);
  }
  const at::Tensor x = at::tensor(images.values, at::kByte).view({images.shape[0], images.shape[1] * images.shape[2]});
  const at::Tensor label = at::tensor(labels.values, at::kByte).to(at::kLong);
  const at::Tensor order = std::get<1>(label.sort(/*stable=*/true, /*dim=*/0, /*descending=*/false));
  return LabelledPoints{x.index_select(0, order), label.index_select(0, order)};
}

at::Tensor FirstOfPermutation(std::int64_t n, std::int64_t count) {
  return at::tensor(NumpyRandom(kSeed).Permutation(static_cast<std::size_t>(n)), at::kLong).narrow(0, 0, count);
}

LabelledPoints Select(const LabelledPoints& all, const at::Tensor& index) {
  return {all.x.index_select(0, index).to(at::kDouble).div_(255), all.labels.index_select(0, index)};
}

}  // namespace

absl::StatusOr<LabelledPoints> LoadMnist(const std::string& folder) {
  return CatchTorch("MNIST", [&]() -> absl::StatusOr<LabelledPoints> {
    CONEC_ASSIGN_OR_RETURN(const LabelledPoints train, LoadPart(folder, "train"));
    CONEC_ASSIGN_OR_RETURN(const LabelledPoints test, LoadPart(folder, "t10k"));
    if (train.x.size(1) != test.x.size(1)) return DataLoss("'{}': images of different sizes", folder);
    return LabelledPoints{at::cat({train.x, test.x}), at::cat({train.labels, test.labels})};
  });
}

absl::StatusOr<Split> MnistSubset(const LabelledPoints& mnist) {
  if (mnist.x.size(0) < kSubset) return InvalidArgument("{} images, at least {} are needed", mnist.x.size(0), kSubset);
  return CatchTorch("MNIST", [&]() -> absl::StatusOr<Split> {
    const at::Tensor chosen = FirstOfPermutation(mnist.x.size(0), kSubset);
    Split split{Select(mnist, chosen.narrow(0, kTest, kSubset - kTest)), Select(mnist, chosen.narrow(0, 0, kTest))};
    const at::Tensor mean = split.train.x.mean(0);
    split.train.x.sub_(mean);
    split.test.x.sub_(mean);
    return split;
  });
}

absl::StatusOr<LabelledPoints> MnistPair(const LabelledPoints& mnist, std::int64_t first, std::int64_t second,
                                         std::int64_t count) {
  return CatchTorch("MNIST", [&]() -> absl::StatusOr<LabelledPoints> {
    const at::Tensor of_pair = mnist.labels.eq(first).logical_or_(mnist.labels.eq(second)).nonzero().squeeze(1);
    if (of_pair.size(0) < count) {
      return InvalidArgument("{} images of classes {} and {}, {} are needed", of_pair.size(0), first, second, count);
    }
    return Select(mnist, of_pair.index_select(0, FirstOfPermutation(of_pair.size(0), count)));
  });
}

}  // namespace conec::simec::experiments
