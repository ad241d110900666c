// Compressed and archived test data, in memory.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace conec::corpora {

struct TestEntry {
  std::string name;
  std::string contents;
  std::string link_target;  // not empty: a symbolic link
  bool folder = false;
};

inline la_ssize_t AppendToString(archive* /*writer*/, void* output, const void* bytes, std::size_t size) {
  static_cast<std::string*>(output)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

inline void AddEntry(archive* writer, const TestEntry& data) {
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(archive_entry_new(), &archive_entry_free);
  archive_entry_set_pathname(entry.get(), data.name.c_str());
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_filetype(entry.get(), data.folder ? AE_IFDIR : data.link_target.empty() ? AE_IFREG : AE_IFLNK);
  if (!data.link_target.empty()) archive_entry_set_symlink(entry.get(), data.link_target.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(data.contents.size()));
  ASSERT_EQ(archive_write_header(writer, entry.get()), ARCHIVE_OK) << archive_error_string(writer);
  const la_ssize_t written = archive_write_data(writer, data.contents.data(), data.contents.size());
  ASSERT_EQ(written, static_cast<la_ssize_t>(data.contents.size())) << archive_error_string(writer);
}

// format: "raw" (one entry), "zip", "ustar", "gnutar", "pax", "v7tar"; filter: "" or "gzip", "zstd", "xz", "bzip2".
inline std::string MakeArchive(const std::string& format, const std::string& filter,
                               const std::vector<TestEntry>& entries) {
  std::string output;
  const std::unique_ptr<archive, decltype(&archive_write_free)> writer(archive_write_new(), &archive_write_free);
  EXPECT_EQ(archive_write_set_format_by_name(writer.get(), format.c_str()), ARCHIVE_OK);
  const int added = filter.empty() ? ARCHIVE_OK : archive_write_add_filter_by_name(writer.get(), filter.c_str());
  EXPECT_EQ(added, ARCHIVE_OK);
  archive_write_set_bytes_in_last_block(writer.get(), 1);
  EXPECT_EQ(archive_write_open(writer.get(), &output, nullptr, &AppendToString, nullptr), ARCHIVE_OK);
  for (const TestEntry& entry : entries) AddEntry(writer.get(), entry);
  EXPECT_EQ(archive_write_close(writer.get()), ARCHIVE_OK) << archive_error_string(writer.get());
  return output;
}

inline std::string Compress(const std::string& filter, std::string_view text) {
  return MakeArchive("raw", filter, {{"", std::string(text), "", false}});
}

struct Compression {
  std::string filter;
  std::string ending;
};
inline const std::vector<Compression>& AllCompressions() {
  static const std::vector<Compression> all = {{"gzip", ".gz"}, {"zstd", ".zst"}, {"xz", ".xz"}, {"bzip2", ".bz2"}};
  return all;
}

}  // namespace conec::corpora
