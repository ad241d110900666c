// Which sanitizer a test is built with: CONEC_THREAD_SANITIZER and CONEC_ADDRESS_SANITIZER are 1 or 0. GCC says so with
// macros, clang with features.
#pragma once

#if defined(__SANITIZE_THREAD__)
#define CONEC_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CONEC_THREAD_SANITIZER 1
#endif
#endif
#if !defined(CONEC_THREAD_SANITIZER)
#define CONEC_THREAD_SANITIZER 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define CONEC_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CONEC_ADDRESS_SANITIZER 1
#endif
#endif
#if !defined(CONEC_ADDRESS_SANITIZER)
#define CONEC_ADDRESS_SANITIZER 0
#endif

namespace conec {

// Their shadow memory takes terabytes of addresses, which no limit of memory has room for.
inline constexpr bool kSanitized = CONEC_ADDRESS_SANITIZER || CONEC_THREAD_SANITIZER;

}  // namespace conec
