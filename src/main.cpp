#include "cli/cli.h"

int main(int argc, char** argv) {
  return flotsam::cli::main(argc, argv);
}
