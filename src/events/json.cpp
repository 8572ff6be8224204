// SPDX-License-Identifier: MIT
// An event as one line of JSON and back. One list of fields serves both directions, so that they
// cannot drift apart.
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "events/event.hpp"
#include "events/names.hpp"

namespace nonans::events {
namespace {

using Json = nlohmann::ordered_json;

// Addresses do not fit a double, which is what most readers make of a JSON number.
std::string hex(uint64_t value) {
  char text[19];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

// Writes the line field by field. One object for the whole line would be shorter, but its
// destructor allocates, and where there is no memory that ends the program.
struct Writer {
  std::string line;
  template <typename T>
  void field(const char* name, const T& value, const char* = nullptr) {
    line += line.empty() ? "{\"" : ",\"";
    line += name;
    line += "\":";
    if constexpr (std::is_enum_v<T>)
      scalar(name_of(value));
    else if constexpr (std::is_same_v<T, std::vector<int>>)
      list(value);
    else
      scalar(value);
  }
  void address(const char* name, uint64_t value, const char*) { field(name, hex(value)); }

 private:
  // A symbol need not be UTF-8; a JSON file must be.
  template <typename T>
  void scalar(const T& value) {
    line += Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  template <typename List>
  void list(const List& values) {
    line += '[';
    for (size_t i = 0; i < values.size(); ++i) {
      if (i != 0) line += ',';
      scalar(values[i]);
    }
    line += ']';
  }
};

// A field that is not there keeps its default: older files have fewer.
struct Reader {
  const Json& json;
  template <typename T>
  void field(const char* name, T& value, const char* = nullptr) {
    const auto it = json.find(name);
    if (it == json.end()) return;
    try {
      if constexpr (std::is_enum_v<T>) {
        const std::string word = it->get<std::string>();
        if (!from_name(word, value)) throw std::invalid_argument("no such value: " + word);
      } else {
        if constexpr (std::is_unsigned_v<T> && !std::is_same_v<T, bool>)
          if (!it->is_number_unsigned())
            throw std::invalid_argument("not a whole number from 0 on");
        value = it->get<T>();
      }
    } catch (const std::exception& error) {
      throw std::invalid_argument(std::string("field \"") + name + "\": " + error.what());
    }
  }
  void address(const char* name, uint64_t& value, const char*) {
    std::string text;
    field(name, text);
    if (text.empty()) return;
    size_t used = 0;
    if (text.starts_with("0x")) value = std::stoull(text, &used, 16);
    if (used != text.size())
      throw std::invalid_argument(std::string("field \"") + name + "\": not an address: " + text);
  }
};

// The page about the fields.
struct Describer {
  std::string text;
  template <typename T>
  void field(const char* name, const T&, const char* meaning) {
    row(name, type_of<T>(), meaning);
  }
  void address(const char* name, uint64_t, const char* meaning) {
    row(name, "text, hexadecimal", meaning);
  }

 private:
  template <typename T>
  static std::string type_of() {
    if constexpr (std::is_enum_v<T>) {
      std::string words;
      for (size_t i = 0; i < count_of_names<T>(); ++i)
        words += (i ? ", `" : "`") + std::string(name_of(static_cast<T>(i))) + "`";
      return words;
    } else if constexpr (std::is_same_v<T, bool>) {
      return "true or false";
    } else if constexpr (std::is_integral_v<T>) {
      return "number";
    } else {
      return std::is_same_v<T, std::string> ? "text" : "list of numbers";
    }
  }
  void row(const char* name, const std::string& type, const char* meaning) {
    text += std::string("| `") + name + "` | " + type + " | " + meaning + " |\n";
  }
};

template <typename Visitor, typename E>
void visit(Visitor& v, E& e) {
  v.field("event", e.ordinal, "number of the event in this process, from 1");
  v.field("step", e.step, "training step, 0 when none was seen");
  v.field("launch", e.launch, "number of the watched launch, 0 in a replayed graph");
  v.field("time_unix_ns", e.time_unix_ns, "when the host read the record");
  v.field("kernel", e.kernel, "the kernel, demangled where possible");
  v.field("kernel_symbol", e.kernel_symbol, "the kernel as the driver knows it");
  v.field("arg", e.arg, "index of the parameter through which the output was written");
  v.field("type", e.type, "element type: f16, bf16, f32, f64, e4m3, e5m2");
  v.field("kind", e.kind, "what happened, as far as the kernel's instructions decide it");
  v.field("severity", e.severity,
          "info: intended; warning: observed or repaired; error: not repaired for want of a proof; "
          "fatal: the program faulted");
  v.field("origin", e.origin,
          "origin: born in this launch from finite inputs; propagated: an input already was; "
          "intended: the kernel writes it on purpose; raced: another launch may have come between; "
          "stale: older than the launch");
  v.field("resolution", e.resolution, "what was done; would_repair in observe mode");
  v.field("reason", e.reason, "why nothing was repaired, in words");
  v.field("nan", e.nan, "NaN found");
  v.field("pos_inf", e.pos_inf, "+Inf found");
  v.field("neg_inf", e.neg_inf, "-Inf found");
  v.field("repaired", e.repaired, "elements replaced, or that would be");
  v.field("elements", e.elements, "elements looked at");
  v.field("first_index", e.first_index,
          "index of the first element found, of a class that may be repaired if there is one");
  v.address("first_address", e.first_address, "its device address");
  v.field("first_value", e.first_value, "what stood there");
  v.field("fill", e.fill, "what was put there, or would be");
  v.field("dirty_inputs", e.dirty_inputs,
          "indices of the parameters whose memory was not finite before");
  v.field("captured", e.captured, "true when the launch was part of a graph");
  v.field("replay", e.replay, "which execution of it, from 1");
  v.field("source", e.source, "file and line of the store, when the image has line information");
  v.field("nvtx", e.nvtx,
          "names of the NVTX ranges that were open around the launch, outermost first; empty when "
          "the program has none");
}

}  // namespace

std::string events_markdown() {
  Describer describer;
  const Event example;
  visit(describer, example);
  return "# Events\n\n"
         "The events file has one JSON object per line, one for each output of a launch in which "
         "non-finite values were\n"
         "found. This page is generated from the code that writes the lines "
         "(src/events/json.cpp).\n\n"
         "| field | type or values | meaning |\n|---|---|---|\n"
         "| `schema` | number | version of this list: " +
         std::to_string(kSchema) + " |\n" + describer.text;
}

std::string to_json_line(const Event& event) {
  Writer writer;
  writer.field("schema", kSchema);
  visit(writer, event);
  return writer.line + "}\n";
}

bool from_json_line(const std::string& line, Event& event, std::string& error) {
  try {
    const Json json = Json::parse(line);
    if (!json.is_object()) throw std::invalid_argument("not a JSON object");
    int schema = 0;
    Reader reader{json};
    reader.field("schema", schema);
    if (schema != kSchema)
      throw std::invalid_argument("schema " + std::to_string(schema) + ", this program reads " +
                                  std::to_string(kSchema));
    Event read;
    visit(reader, read);
    event = std::move(read);
    return true;
  } catch (const std::exception& e) {
    error = e.what();
    return false;
  }
}

}  // namespace nonans::events
