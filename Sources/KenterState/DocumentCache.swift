import Synchronization

/// What was read already, by its text: the same text means the same value, whoever wrote it and when. Most of what
/// reading state costs is reading the same documents again.
final class DocumentCache: Sendable {
    private struct Key: Hashable {
        let type: ObjectIdentifier
        let text: String
    }

    private struct Known {
        var values: [Key: any Sendable] = [:]
        var sizeBytes = 0
    }

    /// Of all texts together; a state of two thousand containers is smaller. Values take several times as much.
    private static let limitBytes = 8 << 20
    private let known = Mutex(Known())

    /// The value of a document, which `decode` finds the first time.
    func value<T: Sendable>(of text: String, decode: (String) throws -> T) rethrows -> T {
        let key = Key(type: ObjectIdentifier(T.self), text: text)
        if let found = known.withLock({ $0.values[key] }) as? T { return found }
        let value = try decode(text)
        keep(value, key)
        return value
    }

    /// Notes what a text means that is about to be written.
    func keep<T: Sendable>(_ value: T, text: String) {
        keep(value, Key(type: ObjectIdentifier(T.self), text: text))
    }

    private func keep(_ value: any Sendable, _ key: Key) {
        known.withLock { known in
            if known.sizeBytes > Self.limitBytes { known = Known() }
            if known.values.updateValue(value, forKey: key) == nil { known.sizeBytes += key.text.utf8.count }
        }
    }
}
