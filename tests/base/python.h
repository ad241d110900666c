// Runs a Python script, so that files are checked by code that shares nothing with ours.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>
#include <vector>

namespace conec {

struct PythonResult {
  int exit_code = -1;
  std::string output;  // stdout
};

// Arguments must hold no single quotes.
inline PythonResult RunPython(const std::vector<std::string>& arguments) {
  std::string command = CONEC_PYTHON;
  for (const std::string& argument : arguments) command += " '" + argument + "'";
  PythonResult result;
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return result;
  char buffer[4096];
  for (std::size_t n = 0; (n = fread(buffer, 1, sizeof(buffer), pipe)) > 0;) result.output.append(buffer, n);
  const int status = pclose(pipe);
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  return result;
}

inline bool HaveNumpy() {
  return RunPython({"-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec(\"numpy\") is None)"})
             .exit_code == 0;
}

inline std::string Script(const std::string& name) {
  return std::string(CONEC_TEST_FOLDER) + "/" + name;
}

}  // namespace conec
