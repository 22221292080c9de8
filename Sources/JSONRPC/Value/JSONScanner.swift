import CBytes
import CLinux
import Glibc

/// Reads one JSON text strictly as RFC 8259 has it: UTF-8 without byte order mark, no lone surrogates, no trailing
/// commas, no name twice in one object. Takes time linear in the text.
public struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: JSONLimits
    private var position = 0
    private var depth = 0
    private var tokens = 0
    private var comparisons = 0

    private init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The value that `bytes` holds, and nothing after it but white space.
    public static func scan(
        _ bytes: some Collection<UInt8>, limits: JSONLimits = JSONLimits()
    ) throws(JSONScanError) -> JSONValue {
        let outcome = bytes.withContiguousStorageIfAvailable { scan($0, limits) }
        return try (outcome ?? Array(bytes).withUnsafeBufferPointer { scan($0, limits) }).get()
    }

    /// Bytes looked at and names compared for a text, for tests of the cost.
    static func work(of bytes: [UInt8]) throws(JSONScanError) -> Int {
        let outcome = bytes.withUnsafeBufferPointer { bytes -> Result<Int, JSONScanError> in
            var scanner = JSONScanner(bytes, JSONLimits())
            do throws(JSONScanError) {
                _ = try scanner.value()
                return .success(scanner.comparisons + scanner.position)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    private static func scan(
        _ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits
    ) -> Result<JSONValue, JSONScanError> {
        var scanner = JSONScanner(bytes, limits)
        do throws(JSONScanError) {
            let value = try scanner.value()
            scanner.skipSpace()
            guard scanner.position == bytes.count else { throw scanner.malformed("unexpected text after the value") }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    private mutating func value() throws(JSONScanError) -> JSONValue {
        skipSpace()
        try countToken()
        switch peek {
        case UInt8(ascii: "{"): return .object(try nested { (scanner) throws(JSONScanError) in try scanner.object() })
        case UInt8(ascii: "["): return .array(try nested { (scanner) throws(JSONScanError) in try scanner.array() })
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte):
            return try number()
        case nil: throw malformed("the text ends where a value should be")
        default: throw malformed("expected a value")
        }
    }

    private mutating func nested<T>(
        _ body: (inout JSONScanner) throws(JSONScanError) -> T
    ) throws(JSONScanError) -> T {
        depth += 1
        guard depth <= limits.depth else { throw overLimit("more than \(limits.depth) nested arrays and objects") }
        position += 1
        let result = try body(&self)
        depth -= 1
        return result
    }

    private mutating func object() throws(JSONScanError) -> JSONObject {
        var members: [JSONObject.Member] = []
        var names: Set<MemberName> = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return JSONObject() }
        // As many as an envelope has.
        members.reserveCapacity(4)
        repeat {
            skipSpace()
            try countToken()
            guard peek == UInt8(ascii: "\"") else { throw malformed("expected a member's name") }
            let start = position
            let name = try string()
            if isRepeated(name, members, &names) {
                throw malformed("the name '\(name.prefix(64))' stands twice", start)
            }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw malformed("expected ':'") }
            members.append(JSONObject.Member(name: name, value: try value()))
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw malformed("expected ',' or '}'") }
        return JSONObject(uniqueMembers: members)
    }

    /// Compares few names one by one and many through a set, so that the cost stays linear.
    private mutating func isRepeated(
        _ name: String, _ members: [JSONObject.Member], _ names: inout Set<MemberName>
    ) -> Bool {
        comparisons += min(members.count, 16)
        if members.count < 16 { return members.contains { MemberName.isSame($0.name, name) } }
        if names.isEmpty { names = Set(members.map { MemberName($0.name) }) }
        return !names.insert(MemberName(name)).inserted
    }

    private mutating func array() throws(JSONScanError) -> [JSONValue] {
        skipSpace()
        if take(UInt8(ascii: "]")) { return [] }
        var elements: [JSONValue] = []
        repeat {
            elements.append(try value())
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw malformed("expected ',' or ']'") }
        return elements
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONScanError) -> JSONValue {
        let length = text.utf8CodeUnitCount
        guard bytes.count - position >= length, let start = bytes.baseAddress,
            memcmp(start + position, text.utf8Start, length) == 0
        else { throw malformed("expected a value") }
        position += length
        return value
    }

    // MARK: strings

    private mutating func string() throws(JSONScanError) -> String {
        position += 1
        let start = position
        while true {
            skipPlain()
            try checkLength(from: start)
            guard position < bytes.count else { break }
            switch bytes[position] {
            case UInt8(ascii: "\""):
                let text = try text(UnsafeBufferPointer(rebasing: bytes[start..<position]), start)
                position += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw malformed("a control character in a string")
            default: position += 1
            }
        }
        throw malformed("a string without end", start - 1)
    }

    /// Moves past what stands for itself within a string.
    private mutating func skipPlain() {
        guard let base = bytes.baseAddress else { return }
        position += cbytes_plain_prefix(base + position, bytes.count - position)
    }

    private mutating func escapedString(from start: Int) throws(JSONScanError) -> String {
        var content = Array(bytes[start..<position])
        while true {
            let plain = position
            skipPlain()
            content.append(contentsOf: bytes[plain..<position])
            try checkLength(from: start)
            guard position < bytes.count else { break }
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                return try content.withUnsafeBufferPointer { buffer throws(JSONScanError) in try text(buffer, start) }
            case UInt8(ascii: "\\"): try appendEscape(to: &content)
            case 0..<0x20: throw malformed("a control character in a string", position - 1)
            default: content.append(byte)
            }
        }
        throw malformed("a string without end", start - 1)
    }

    private func checkLength(from start: Int) throws(JSONScanError) {
        if position - start > limits.stringBytes {
            throw overLimit("a string longer than \(limits.stringBytes) bytes", start)
        }
    }

    private mutating func appendEscape(to content: inout [UInt8]) throws(JSONScanError) {
        let escape = peek
        position += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(bytes[position - 1])
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0c)
        case UInt8(ascii: "n"): content.append(0x0a)
        case UInt8(ascii: "r"): content.append(0x0d)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content.append(contentsOf: String(Character(try unicodeEscape())).utf8)
        default: throw malformed("an unknown escape in a string", position - 1)
        }
    }

    private mutating func unicodeEscape() throws(JSONScanError) -> Unicode.Scalar {
        let start = position - 2
        var code = UInt32(try fourHexDigits())
        if (0xd800..<0xdc00).contains(code) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw malformed("a lone surrogate", start) }
            let low = UInt32(try fourHexDigits())
            guard (0xdc00..<0xe000).contains(low) else { throw malformed("a lone surrogate", start) }
            code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw malformed("a lone surrogate", start) }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONScanError) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw malformed("expected four hexadecimal digits")
            }
            code = code << 4 | UInt16(digit)
            position += 1
        }
        return code
    }

    private func text(_ content: UnsafeBufferPointer<UInt8>, _ start: Int) throws(JSONScanError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else { throw malformed("invalid UTF-8", start) }
        if !limits.allowsNUL, let base = content.baseAddress, memchr(base, 0, content.count) != nil {
            throw malformed("U+0000 in a string", start)
        }
        return text
    }

    // MARK: numbers

    private mutating func number() throws(JSONScanError) -> JSONValue {
        let start = position
        let negative = take(UInt8(ascii: "-"))
        let whole = position
        guard skipDigits() > 0 else { throw malformed("expected a digit") }
        if bytes[whole] == UInt8(ascii: "0"), position - whole > 1 {
            throw malformed("a number with a leading zero", start)
        }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            guard skipDigits() > 0 else { throw malformed("expected a digit") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard skipDigits() > 0 else { throw malformed("expected a digit") }
        }
        guard position - start <= limits.numberBytes else {
            throw overLimit("a number longer than \(limits.numberBytes) bytes", start)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        // -0 is no integer: it would lose its sign.
        if isInteger, let integer = Int64(text), !(negative && integer == 0) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw malformed("a number out of range", start) }
        return .double(double)
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        return position - start
    }

    // MARK: bytes

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return
            }
        }
    }

    private mutating func countToken() throws(JSONScanError) {
        tokens += 1
        if tokens > limits.tokens { throw overLimit("more than \(limits.tokens) values") }
    }

    private func malformed(_ detail: String, _ offset: Int? = nil) -> JSONScanError {
        JSONScanError(reason: .malformed, detail: detail, offset: offset ?? position)
    }

    private func overLimit(_ detail: String, _ offset: Int? = nil) -> JSONScanError {
        JSONScanError(reason: .overLimit, detail: detail, offset: offset ?? position)
    }
}
