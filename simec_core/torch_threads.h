// Threads of LibTorch and of the OpenBLAS under it. Not for other rooms.
#pragma once

namespace conec::simec {

// `threads` threads for as long as this object lives; 0 leaves everything as it is.
class TorchThreads {
 public:
  explicit TorchThreads(int threads);
  ~TorchThreads();
  TorchThreads(const TorchThreads&) = delete;
  TorchThreads& operator=(const TorchThreads&) = delete;

 private:
  int torch_before_, blas_before_;
};

}  // namespace conec::simec
