#pragma once

#include <cstddef>

namespace flotsam {

/// How much a diagnosis keeps. Tests make them so small that everything is sampled: some rows then behave
/// like ten million.
struct DiagnosisCaps {
  std::size_t rows = 65536;             ///< distinct rows of all sources together, split evenly
  std::size_t row_bytes = 12U << 20U;   ///< of these
  std::size_t pairing_rows = 4096;      ///< of them, those whose loose forms are looked for; split evenly
  std::size_t keys_a_form = 8;          ///< listed keys kept for one loose form
  std::size_t form_dead = 256;          ///< a form that more unreferenced keys share tells nothing
  std::size_t form_bytes = 16U << 20U;  ///< of the keys kept for forms
  std::size_t key_hashes = 1U << 20U;   ///< hashes of listed keys, of whatever verdict
  std::size_t sampled_keys = 8192;      ///< of unreferenced and of referenced keys each
  std::size_t pairs = 500;              ///< pairs of a row and a key that are explained
  std::size_t scored = 160;             ///< templates that are tried on rows
  std::size_t scored_rows = 600;        ///< on so many rows whose new key can be looked up
};

}  // namespace flotsam
