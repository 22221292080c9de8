package import JSONRPC
import KenterProtocol

/// The name by which a consumer knows its source: part of names of variables, of a hosts line and of a path.
package enum LinkAlias {
    /// How many bytes it may have.
    package static let limitBytes = 64

    /// Whether it is 1–64 characters `[A-Za-z0-9][A-Za-z0-9_.-]*`.
    package static func isValid(_ alias: some StringProtocol) -> Bool {
        guard let first = alias.utf8.first, isLetterOrDigit(first), alias.utf8.count <= limitBytes else { return false }
        return alias.utf8.allSatisfy { byte in
            isLetterOrDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
        }
    }

    /// Fails with `invalidParams` where ``isValid(_:)`` says no.
    package static func check(_ alias: String) throws(RPCError) {
        guard !isValid(alias) else { return }
        throw RPCError(
            .invalidParams,
            "invalid link alias \(quoted(alias)): an alias has 1 to \(limitBytes) characters, "
                + "the first a letter or digit, the others of [a-zA-Z0-9_.-]")
    }

    /// The form that begins names of variables: upper case, `_` for `-`.
    package static func prefix(_ alias: String) -> String {
        String(alias.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    /// In quotes, with what could disturb a terminal or a log written as an escape.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
