import CYAML

struct DocumentError: Error, CustomStringConvertible {
    let description: String
    init(_ text: String) { description = text }
}

/// What comes next in a YAML file.
struct YAMLEvent {
    enum Kind: Equatable {
        case scalar(String, isPlain: Bool)
        case alias(String)
        case sequence
        case mapping
        /// Of a sequence or a mapping.
        case end
        /// A document begins.
        case document
        case endOfFile
    }

    var kind: Kind
    var anchor: String?
    var tag: String?
    var line: Int
}

/// libyaml's parser over bytes in memory, event by event: nothing is read ahead, so that a limit of depth ends it in time.
final class YAMLParser {
    // The parser keeps pointers to itself and into the input.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) throws(DocumentError) {
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        guard yaml_parser_initialize(parser) == 1 else { throw DocumentError("out of memory") }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    func next() throws(DocumentError) -> YAMLEvent {
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
            defer { yaml_event_delete(&event) }
            if let known = Self.known(event) { return known }
        }
    }

    /// `nil` for what says nothing about the content.
    private static func known(_ event: yaml_event_t) -> YAMLEvent? {
        func of(
            _ kind: YAMLEvent.Kind, _ anchor: UnsafeMutablePointer<UInt8>? = nil,
            _ tag: UnsafeMutablePointer<UInt8>? = nil
        ) -> YAMLEvent {
            YAMLEvent(
                kind: kind, anchor: anchor.map { String(cString: $0) }, tag: tag.map { String(cString: $0) },
                line: event.start_mark.line + 1)
        }
        let data = event.data
        switch event.type {
        case YAML_SCALAR_EVENT:
            let bytes = UnsafeBufferPointer(start: data.scalar.value, count: data.scalar.length)
            let isPlain = data.scalar.style == YAML_PLAIN_SCALAR_STYLE
            return of(
                .scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain), data.scalar.anchor, data.scalar.tag)
        case YAML_ALIAS_EVENT: return of(.alias(String(cString: data.alias.anchor)))
        case YAML_SEQUENCE_START_EVENT: return of(.sequence, data.sequence_start.anchor, data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT: return of(.mapping, data.mapping_start.anchor, data.mapping_start.tag)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return of(.end)
        case YAML_DOCUMENT_START_EVENT: return of(.document)
        case YAML_STREAM_END_EVENT: return of(.endOfFile)
        default: return nil
        }
    }

    private func failure() -> DocumentError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "out of memory"
        guard parser.pointee.error != YAML_READER_ERROR else {
            return DocumentError("\(problem) (byte \(parser.pointee.problem_offset + 1))")
        }
        let mark = parser.pointee.problem_mark
        return DocumentError("\(problem) (line \(mark.line + 1), column \(mark.column + 1))")
    }
}
