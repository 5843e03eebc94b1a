// Writes the VSS calls of a program down, a line each, as `vss-sim check` reads them. C++17, standard library only.
//
//     vss_recorder::Recorder log("nightly.jsonl");
//     IVssAsync* async = nullptr;
//     HRESULT hr = bc->PrepareForBackup(&async);
//     log.call("IVssBackupComponents::PrepareForBackup", bc).returned(hr).out("ppAsync", async);
//
// A line is written when its statement ends, and flushed: what a program did before it crashed is in the log.
#pragma once
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace vss_recorder {

inline void put(std::string& to, unsigned long sign) {  // one character as JSON, in UTF-8; half a character as U+FFFD
    if (sign > 0x10FFFF || (sign >= 0xD800 && sign < 0xE000)) sign = 0xFFFD;
    if (sign < 0x20) {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04lx", sign);
        to += escape;
    } else if (sign < 0x80) {
        if (sign == '"' || sign == '\\') to += '\\';
        to += char(sign);
    } else {
        int more = sign < 0x800 ? 1 : sign < 0x10000 ? 2 : 3;  // bytes of six bits that follow the first
        to += char((0xF0 << (3 - more) & 0xFF) | sign >> 6 * more);
        while (more-- > 0) to += char(0x80 | (sign >> 6 * more & 0x3F));
    }
}

inline std::string json(std::wstring_view text) {  // wchar_t is UTF-16 on Windows
    std::string to = "\"";
    for (size_t at = 0; at < text.size(); ++at) {
        unsigned long sign = static_cast<std::make_unsigned_t<wchar_t>>(text[at]);
        unsigned long next = at + 1 < text.size() ? static_cast<std::make_unsigned_t<wchar_t>>(text[at + 1]) : 0;
        bool is_pair = sign >= 0xD800 && sign < 0xDC00 && next >= 0xDC00 && next < 0xE000;
        put(to, is_pair ? 0x10000 + ((sign - 0xD800) << 10) + (next - 0xDC00) : sign), at += is_pair;
    }
    return to + '"';
}
// Narrow text is ASCII here; what is not comes as U+FFFD, since its code page is not known.
inline std::string json(std::string_view text) { return json(std::wstring(text.begin(), text.end())); }
inline std::string json(const wchar_t* text) { return text ? json(std::wstring_view(text)) : "null"; }  // and a BSTR
inline std::string json(wchar_t* text) { return json(static_cast<const wchar_t*>(text)); }
inline std::string json(const char* text) { return text ? json(std::string_view(text)) : "null"; }
inline std::string json(std::nullptr_t) { return "null"; }
inline std::string json(bool value) { return value ? "true" : "false"; }

template <class Value> std::string json(const Value& value) {
    char text[48];
    if constexpr (std::is_enum_v<Value>) return json(static_cast<long long>(value));
    else if constexpr (std::is_integral_v<Value>) return std::to_string(value);
    else if constexpr (std::is_pointer_v<Value>) {  // an object: its address is its handle
        if (!value) return "null";
        auto address = static_cast<unsigned long long>(reinterpret_cast<uintptr_t>(value));
        std::snprintf(text, sizeof text, "\"0x%llx\"", address);
        return text;
    } else {  // a GUID
        const auto* end = value.Data4;
        std::snprintf(text, sizeof text, "\"{%08lx-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}\"",
                      static_cast<unsigned long>(value.Data1), value.Data2, value.Data3, end[0], end[1], end[2], end[3],
                      end[4], end[5], end[6], end[7]);
        return text;
    }
}

class Recorder;

class Line {  // one call: what was given, answered and handed out
public:
    Line(Recorder& log, std::string text) : log_(log), text_(std::move(text)) {}
    Line(const Line&) = delete;
    ~Line();
    template <class Value> Line& in(const char* name, const Value& value) { return add(in_, name, json(value)); }
    template <class Value> Line& out(const char* name, const Value& value) { return add(out_, name, json(value)); }
    Line& returned(long hresult) {
        char code[24];
        std::snprintf(code, sizeof code, "\"0x%08lX\"", static_cast<unsigned long>(hresult) & 0xFFFFFFFFul);
        return returns_ = code, *this;
    }

private:
    Line& add(std::string& to, const char* name, const std::string& value) {
        return (to += to.empty() ? "" : ", ") += json(name) + ": " + value, *this;
    }
    Recorder& log_;
    std::string text_, in_, out_, returns_;
};

class Recorder {
public:
    explicit Recorder(const char* path) : file_(std::fopen(path, "wb")) {
        if (!file_) throw std::runtime_error(std::string("cannot write ") + path);
        write("{\"vss-trace\": 1}");
    }
    Recorder(const Recorder&) = delete;
    ~Recorder() { std::fclose(file_); }
    Line call(const char* name) { return Line(*this, "{\"call\": " + json(name)); }  // a function
    template <class Object> Line call(const char* name, Object* on) {
        return Line(*this, "{\"call\": " + json(name) + ", \"on\": " + json(on));
    }
    void note(std::string_view text) { write("{\"note\": " + json(text) + "}"); }

private:
    friend class Line;
    std::string seconds() const {
        using namespace std::chrono;
        return std::to_string(duration<double>(steady_clock::now() - begun_).count());
    }
    void write(const std::string& line) {
        std::lock_guard<std::mutex> alone(lock_);
        std::fwrite((line + "\n").data(), 1, line.size() + 1, file_), std::fflush(file_);
    }
    std::FILE* file_;
    std::mutex lock_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

inline Line::~Line() {
    if (!in_.empty()) text_ += ", \"in\": {" + in_ + "}";
    if (!returns_.empty()) text_ += ", \"returns\": " + returns_;
    if (!out_.empty()) text_ += ", \"out\": {" + out_ + "}";
    log_.write(text_ + ", \"at\": " + log_.seconds() + "}");
}

}  // namespace vss_recorder
