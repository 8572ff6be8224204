// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <CLI/CLI.hpp>

namespace train {

Options parse_options(int argc, char** argv) {
  Options o;
  CLI::App app{
      "Trains a small neural network on the UCI handwritten digits, on the CUDA device 0.\n"
      "Exit code: 0 trained to the last step (whatever the loss), 1 error, 3 stopped at a loss "
      "that "
      "is not finite."};
  app.option_defaults()->always_capture_default();
  app.add_option("--data", o.data, "the digits: 64 pixels and a label a line")
      ->check(CLI::ExistingFile);
  app.add_option("--precision", o.precision, "of the hidden activations")
      ->check(CLI::IsMember({"f16", "f32"}));
  app.add_option("--image", o.image, "kernels to load: fatbin, ptx, or a file");
  app.add_option("--lr", o.learning_rate, "learning rate of Adam, falls to 0 along a cosine")
      ->check(CLI::PositiveNumber);
  app.add_option("--steps", o.steps)->check(CLI::Range(1, 1000000));
  app.add_option("--batch", o.batch)->check(CLI::Range(1, 1024));
  app.add_option("--seed", o.seed, "of the split, the order of the samples and the first weights");
  app.add_option("--log-every", o.log_every, "steps between lines of progress, 0: none")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--pool", o.pool,
               "cut all buffers from one allocation of 64 MiB, in blocks of 512 B");
  app.add_flag("--stop-on-nan", o.stop_on_nan, "stop at the first loss that is not finite");
  app.add_option("--json", o.json, "write the result to this file");
  app.add_option("--save-weights", o.save_weights, "write the weights to this file, raw");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? 0 : 1);
  }
  return o;
}

}  // namespace train
