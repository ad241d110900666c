#include <torch/types.h>

#include <algorithm>
#include <utility>

#include "simec_core/isomap.h"
#include "simec_core/target_matrix.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

class FeatureSource : public SimilaritySource {
 public:
  FeatureSource(Features x, Similarity similarity) : x_(std::move(x)), similarity_(std::move(similarity)) {}

  std::int64_t points() const override { return x_.rows(); }
  std::int64_t columns() const override { return similarity_.points(); }
  at::TensorOptions options() const override {
    return x_.is_sparse() ? x_.sparse().values().options() : x_.dense().options();
  }
  absl::StatusOr<at::Tensor> Rows(const at::Tensor& rows) const override {
    return CatchTorch("similarity", [&] { return similarity_.To(x_.SelectRows(rows)); });
  }
  absl::StatusOr<at::Tensor> RowsOf(const Features& x) const override { return similarity_.To(x); }
  absl::StatusOr<SimilaritySourcePtr> WithColumns(const at::Tensor& columns) const override {
    return CatchTorch("similarity", [&]() -> absl::StatusOr<SimilaritySourcePtr> {
      CONEC_ASSIGN_OR_RETURN(Similarity part, Similarity::Create(similarity_.options(), x_.SelectRows(columns)));
      return std::make_shared<FeatureSource>(x_, std::move(part));
    });
  }

 private:
  Features x_;
  Similarity similarity_;
};

class MatrixSource : public SimilaritySource {
 public:
  explicit MatrixSource(at::Tensor s) : s_(std::move(s)) {}

  std::int64_t points() const override { return s_.size(0); }
  std::int64_t columns() const override { return s_.size(1); }
  at::TensorOptions options() const override { return s_.options(); }
  absl::StatusOr<at::Tensor> Rows(const at::Tensor& rows) const override {
    return CatchTorch("similarity",
                      [&]() -> absl::StatusOr<at::Tensor> { return s_.index_select(0, rows.to(s_.device())); });
  }
  absl::StatusOr<at::Tensor> RowsOf(const Features&) const override {
    return FailedPrecondition("a matrix of similarities says nothing about new points");
  }
  absl::StatusOr<SimilaritySourcePtr> WithColumns(const at::Tensor& columns) const override {
    return CatchTorch("similarity", [&]() -> absl::StatusOr<SimilaritySourcePtr> {
      return std::make_shared<MatrixSource>(s_.index_select(1, columns.to(s_.device())));
    });
  }

 private:
  at::Tensor s_;  // m x columns
};

class GraphSource : public SimilaritySource {
 public:
  GraphSource(std::shared_ptr<const NeighbourGraph> graph, at::Tensor columns)
      : graph_(std::move(graph)), columns_(std::move(columns)) {}

  std::int64_t points() const override { return graph_->points(); }
  std::int64_t columns() const override { return columns_.defined() ? columns_.numel() : graph_->points(); }
  at::TensorOptions options() const override { return at::kDouble; }
  absl::StatusOr<at::Tensor> Rows(const at::Tensor& rows) const override { return Finish(graph_->PathLengths(rows)); }
  absl::StatusOr<at::Tensor> RowsOf(const Features& x) const override {
    if (x.is_sparse()) return InvalidArgument("paths among neighbours need dense points");
    return Finish(graph_->PathLengthsOf(x.dense()));
  }
  absl::StatusOr<SimilaritySourcePtr> WithColumns(const at::Tensor& columns) const override {
    return std::make_shared<GraphSource>(graph_, columns);
  }

 private:
  absl::StatusOr<at::Tensor> Finish(absl::StatusOr<at::Tensor> lengths) const {
    if (!lengths.ok()) return lengths;
    return CatchTorch("similarity", [&]() -> absl::StatusOr<at::Tensor> {
      return SimilarityOfDistances(columns_.defined() ? lengths->index_select(1, columns_) : *lengths);
    });
  }

  std::shared_ptr<const NeighbourGraph> graph_;
  at::Tensor columns_;
};

}  // namespace

absl::StatusOr<SimilaritySourcePtr> SourceOfFeatures(const SimilarityOptions& options, Features x) {
  CONEC_ASSIGN_OR_RETURN(Similarity similarity, Similarity::Create(options, x));
  return std::make_shared<FeatureSource>(std::move(x), std::move(similarity));
}

absl::StatusOr<SimilaritySourcePtr> SourceOfMatrix(at::Tensor s) {
  CONEC_RETURN_IF_ERROR(CheckSymmetric(s, "similarities"));
  return std::make_shared<MatrixSource>(std::move(s));
}

SimilaritySourcePtr SourceOfGraph(std::shared_ptr<const NeighbourGraph> graph) {
  return std::make_shared<GraphSource>(std::move(graph), at::Tensor());
}

}  // namespace conec::simec
