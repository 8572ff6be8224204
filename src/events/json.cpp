// SPDX-License-Identifier: MIT
// An event as one line of JSON and back. One list of fields serves both directions, so that they
// cannot drift apart.
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

struct Writer {
  Json json;
  template <typename T>
  void field(const char* name, const T& value) {
    if constexpr (std::is_enum_v<T>)
      json[name] = name_of(value);
    else
      json[name] = value;
  }
  void address(const char* name, uint64_t value) { json[name] = hex(value); }
};

// A field that is not there keeps its default: older files have fewer.
struct Reader {
  const Json& json;
  template <typename T>
  void field(const char* name, T& value) {
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
  void address(const char* name, uint64_t& value) {
    std::string text;
    field(name, text);
    if (text.empty()) return;
    size_t used = 0;
    if (text.starts_with("0x")) value = std::stoull(text, &used, 16);
    if (used != text.size())
      throw std::invalid_argument(std::string("field \"") + name + "\": not an address: " + text);
  }
};

template <typename Visitor, typename E>
void visit(Visitor& v, E& e) {
  v.field("event", e.ordinal);
  v.field("step", e.step);
  v.field("launch", e.launch);
  v.field("time_unix_ns", e.time_unix_ns);
  v.field("kernel", e.kernel);
  v.field("kernel_symbol", e.kernel_symbol);
  v.field("arg", e.arg);
  v.field("type", e.type);
  v.field("kind", e.kind);
  v.field("severity", e.severity);
  v.field("origin", e.origin);
  v.field("resolution", e.resolution);
  v.field("reason", e.reason);
  v.field("nan", e.nan);
  v.field("pos_inf", e.pos_inf);
  v.field("neg_inf", e.neg_inf);
  v.field("repaired", e.repaired);
  v.field("elements", e.elements);
  v.field("first_index", e.first_index);
  v.address("first_address", e.first_address);
  v.field("first_value", e.first_value);
  v.field("fill", e.fill);
  v.field("dirty_inputs", e.dirty_inputs);
  v.field("captured", e.captured);
  v.field("replay", e.replay);
  v.field("source", e.source);
}

}  // namespace

std::string to_json_line(const Event& event) {
  Writer writer;
  writer.json["schema"] = kSchema;
  visit(writer, event);
  // A symbol need not be UTF-8; a JSON file must be.
  return writer.json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
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
