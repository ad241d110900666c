#include "simec_core/neighbour_graph.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

#include "simec_core/blocks.h"
#include "simec_core/features.h"
#include "simec_core/tensor_status.h"

namespace conec::simec {
namespace {

constexpr double kUnreachable = std::numeric_limits<double>::infinity();

absl::Status CheckNeighbours(const at::Tensor& x, std::int64_t k, std::int64_t others) {
  CONEC_RETURN_IF_ERROR(CheckMatrix(x, "points"));
  if (k >= 1 && k <= others) return absl::OkStatus();
  return InvalidArgument("{} neighbours of a point asked for, there are {} other points", k, others);
}

// |a_i - b_j| of given pairs, without the cancellation of the quick way: a is B x D, b is B x k x D.
at::Tensor ExactDistances(const at::Tensor& a, const at::Tensor& b) {
  return (b - a.unsqueeze(1)).square_().sum(2).sqrt_();
}

// Rows [begin, begin + count) of `of`; `self` leaves out point i for row i.
Neighbours BlockOfNeighbours(const at::Tensor& x, const at::Tensor& of, std::int64_t k, std::int64_t begin,
                             std::int64_t count, bool self) {
  const at::Tensor rows = of.narrow(0, begin, count);
  at::Tensor squared = rows.matmul(x.t()).mul_(-2).add_(x.square().sum(1));
  if (self) squared.diagonal(begin).fill_(kUnreachable);
  // A few more than k, so that rounding does not decide who is among them.
  const std::int64_t candidates = std::min(k + 4, x.size(0) - (self ? 1 : 0));
  const at::Tensor index = std::get<1>(squared.topk(candidates, 1, /*largest=*/false, /*sorted=*/false));
  const at::Tensor points = x.index_select(0, index.reshape({-1})).view({count, candidates, x.size(1)});
  const auto [distances, order] = ExactDistances(rows, points).sort(/*stable=*/true, /*dim=*/1, /*descending=*/false);
  return {index.gather(1, order).narrow(1, 0, k), distances.narrow(1, 0, k)};
}

absl::StatusOr<Neighbours> FindNeighbours(const at::Tensor& x, const at::Tensor& of, std::int64_t k, bool self) {
  return CatchTorch("nearest neighbours", [&]() -> absl::StatusOr<Neighbours> {
    const at::Tensor mean = x.to(at::kDouble).mean(0);
    const at::Tensor points = x.to(at::kDouble) - mean, rows = of.to(at::kDouble) - mean;
    const std::int64_t width = std::max(x.size(0), (k + 4) * x.size(1));
    const std::int64_t step = RowsOfBlock(width);
    std::vector<at::Tensor> index, distances;
    for (std::int64_t i = 0; i < of.size(0); i += step) {
      const Neighbours block = BlockOfNeighbours(points, rows, k, i, std::min(step, of.size(0) - i), self);
      index.push_back(block.index);
      distances.push_back(block.distances);
    }
    return Neighbours{at::cat(index).cpu().contiguous(), at::cat(distances).cpu().contiguous()};
  });
}

}  // namespace

absl::StatusOr<Neighbours> NearestNeighbours(const at::Tensor& x, const at::Tensor& of, std::int64_t k) {
  CONEC_RETURN_IF_ERROR(CheckMatrix(x, "points"));
  CONEC_RETURN_IF_ERROR(CheckMatrix(of, "new points"));
  CONEC_RETURN_IF_ERROR(CheckNeighbours(x, k, x.size(0)));
  if (x.size(1) != of.size(1)) {
    return InvalidArgument("points of {} features have no neighbours among points of {}", of.size(1), x.size(1));
  }
  return FindNeighbours(x, of, k, false);
}

absl::StatusOr<Neighbours> NearestNeighbours(const at::Tensor& x, std::int64_t k) {
  CONEC_RETURN_IF_ERROR(CheckMatrix(x, "points"));
  CONEC_RETURN_IF_ERROR(CheckNeighbours(x, k, x.size(0) - 1));
  return FindNeighbours(x, x, k, true);
}

struct NeighbourGraph::LabelledEdge {
  std::int64_t from = 0, to = 0;
  double length = 0;
};

absl::StatusOr<NeighbourGraph> NeighbourGraph::Create(at::Tensor x, const NeighbourGraphOptions& options) {
  const std::int64_t k = options.neighbours;
  CONEC_ASSIGN_OR_RETURN(const Neighbours nearest, NearestNeighbours(x, k));
  NeighbourGraph graph;
  graph.options_ = options;
  graph.x_ = std::move(x);
  std::vector<LabelledEdge> edges;
  const std::int64_t* index = nearest.index.data_ptr<std::int64_t>();
  const double* length = nearest.distances.data_ptr<double>();
  for (std::int64_t e = 0; e < nearest.index.numel(); ++e) edges.push_back({e / k, index[e], length[e]});
  graph.offsets_.resize(static_cast<std::size_t>(nearest.index.size(0)) + 1);
  graph.SetEdges(edges);
  const std::vector<std::int64_t> labels = graph.LabelComponents(&graph.components_);
  if (graph.components_ == 1) return graph;
  if (!options.connect) {
    return InvalidArgument(
        "the graph of {} nearest neighbours has {} components: take more neighbours, or connect them", k,
        graph.components_);
  }
  return CatchTorch("neighbour graph", [&]() -> absl::StatusOr<NeighbourGraph> {
    const std::vector<LabelledEdge> bridges = graph.Bridges(labels, graph.components_);
    edges.insert(edges.end(), bridges.begin(), bridges.end());
    graph.SetEdges(edges);
    return graph;
  });
}

// Both directions of every edge, by where they leave. An edge may come twice, which does no harm.
void NeighbourGraph::SetEdges(const std::vector<LabelledEdge>& edges) {
  std::fill(offsets_.begin(), offsets_.end(), 0);
  for (const LabelledEdge& edge : edges) {
    ++offsets_[static_cast<std::size_t>(edge.from) + 1];
    ++offsets_[static_cast<std::size_t>(edge.to) + 1];
  }
  std::partial_sum(offsets_.begin(), offsets_.end(), offsets_.begin());
  std::vector<std::int64_t> next(offsets_.begin(), offsets_.end() - 1);
  edges_.resize(2 * edges.size());
  const auto add = [&](std::int64_t from, std::int64_t to, double length) {
    edges_[static_cast<std::size_t>(next[static_cast<std::size_t>(from)]++)] = {to, length};
  };
  for (const LabelledEdge& edge : edges) {
    add(edge.from, edge.to, edge.length);
    add(edge.to, edge.from, edge.length);
  }
}

std::vector<std::int64_t> NeighbourGraph::LabelComponents(std::int64_t* count) const {
  std::vector<std::int64_t> labels(offsets_.size() - 1, -1), stack;
  *count = 0;
  for (std::size_t first = 0; first < labels.size(); ++first) {
    if (labels[first] >= 0) continue;
    labels[first] = *count;
    stack.push_back(static_cast<std::int64_t>(first));
    while (!stack.empty()) {
      const std::size_t i = static_cast<std::size_t>(stack.back());
      stack.pop_back();
      for (std::int64_t e = offsets_[i]; e < offsets_[i + 1]; ++e) {
        const std::int64_t to = edges_[static_cast<std::size_t>(e)].to;
        if (labels[static_cast<std::size_t>(to)] >= 0) continue;
        labels[static_cast<std::size_t>(to)] = *count;
        stack.push_back(to);
      }
    }
    ++*count;
  }
  return labels;
}

// The shortest edge between each two components.
std::vector<NeighbourGraph::LabelledEdge> NeighbourGraph::Bridges(const std::vector<std::int64_t>& labels,
                                                                  std::int64_t count) const {
  const at::Tensor label = at::tensor(labels, at::kLong), x = x_.cpu().to(at::kDouble);
  std::vector<LabelledEdge> bridges;
  for (std::int64_t a = 0; a < count; ++a) {
    const at::Tensor of_a = label.eq(a).nonzero().squeeze(1), x_a = x.index_select(0, of_a);
    for (std::int64_t b = a + 1; b < count; ++b) {
      const at::Tensor of_b = label.eq(b).nonzero().squeeze(1);
      const auto nearest = NearestNeighbours(x.index_select(0, of_b), x_a, 1);
      if (!nearest.ok()) continue;  // cannot be: both have points
      const at::Tensor place = nearest->distances.argmin();
      const std::int64_t to = nearest->index.view({-1}).index_select(0, place.view({1})).item<std::int64_t>();
      bridges.push_back(
          {of_a[place].item<std::int64_t>(), of_b[to].item<std::int64_t>(), nearest->distances.min().item<double>()});
    }
  }
  return bridges;
}

void NeighbourGraph::ShortestPaths(const std::vector<Start>& starts, double* lengths) const {
  using Entry = std::pair<double, std::int64_t>;
  std::fill_n(lengths, offsets_.size() - 1, kUnreachable);
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  const auto reach = [&](std::int64_t point, double length) {
    if (length >= lengths[point]) return;
    lengths[point] = length;
    open.emplace(length, point);
  };
  for (const Start& start : starts) reach(start.point, start.length);
  while (!open.empty()) {
    const auto [length, point] = open.top();
    open.pop();
    if (length > lengths[point]) continue;  // reached by a shorter way meanwhile
    const std::size_t i = static_cast<std::size_t>(point);
    for (std::int64_t e = offsets_[i]; e < offsets_[i + 1]; ++e) {
      const Edge& edge = edges_[static_cast<std::size_t>(e)];
      reach(edge.to, length + edge.length);
    }
  }
}

absl::StatusOr<at::Tensor> NeighbourGraph::PathLengths(const at::Tensor& sources) const {
  return CatchTorch("shortest paths", [&]() -> absl::StatusOr<at::Tensor> {
    const at::Tensor chosen = sources.cpu().to(at::kLong).contiguous();
    const std::int64_t* source = chosen.data_ptr<std::int64_t>();
    const std::int64_t count = chosen.numel();
    const std::int64_t* bad = std::find_if(source, source + count, [&](auto i) { return i < 0 || i >= points(); });
    if (bad != source + count) return InvalidArgument("there is no point {} among {}", *bad, points());
    at::Tensor lengths = at::empty({count, points()}, at::kDouble);
    double* out = lengths.data_ptr<double>();
    at::parallel_for(0, count, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) ShortestPaths({{source[i], 0}}, out + i * points());
    });
    return lengths;
  });
}

absl::StatusOr<at::Tensor> NeighbourGraph::PathLengthsOf(const at::Tensor& new_points) const {
  const std::int64_t k = options_.neighbours;
  CONEC_ASSIGN_OR_RETURN(const Neighbours nearest, NearestNeighbours(x_, new_points, k));
  return CatchTorch("shortest paths", [&]() -> absl::StatusOr<at::Tensor> {
    const std::int64_t* index = nearest.index.data_ptr<std::int64_t>();
    const double* length = nearest.distances.data_ptr<double>();
    at::Tensor lengths = at::empty({nearest.index.size(0), points()}, at::kDouble);
    double* out = lengths.data_ptr<double>();
    at::parallel_for(0, nearest.index.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
      std::vector<Start> starts(static_cast<std::size_t>(k));
      for (std::int64_t i = begin; i < end; ++i) {
        for (std::int64_t e = 0; e < k; ++e) {
          starts[static_cast<std::size_t>(e)] = {index[i * k + e], length[i * k + e]};
        }
        ShortestPaths(starts, out + i * points());
      }
    });
    return lengths;
  });
}

}  // namespace conec::simec
