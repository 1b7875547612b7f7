#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace flotsam {

/// One process of one machine, told from every other one. What could not be found out is empty or 0.
struct ProcessIdentity {
  std::string host;     ///< name of the machine
  std::string machine;  ///< hash of machine-id(5): machines of one name are told apart
  std::string boot_id;  ///< random, new at each start of the machine (random(4))
  /// The pid namespace (pid_namespaces(7)): in another container a pid is another process.
  std::string pid_space;
  std::uint64_t pid = 0;
  std::uint64_t pid_started = 0;  ///< clock ticks after boot (proc(5)): a pid given anew is another process
};

/// This very process.
ProcessIdentity this_process();

/// True only where `process` is certainly gone, as seen from `here`, which is alive and of the same start of
/// the same machine: its pid is free, a zombie or another process by now.
bool is_gone(const ProcessIdentity& process, const ProcessIdentity& here);

/// True where `process` belongs to another start of what looks like the machine of `here`. That is no proof
/// that it is gone: machines that were copied share name and machine-id(5), and may run at the same time.
bool is_of_another_start(const ProcessIdentity& process, const ProcessIdentity& here);

/// When this machine was started, by its clock of now, in whole seconds ("btime" of proc(5)); nothing where
/// that cannot be read.
std::optional<Timestamp> machine_started_at();

}  // namespace flotsam
