import KenterClient
import KenterProtocol

struct ImagePullCommand: Command {
    static let abstract = "Fetch images from registries."

    let engine: EngineOptions
    let platform: String?
    let quiet: Bool
    let references: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        platform = arguments.value(
            "platform", "value", "The platform, such as linux/arm64 (default: the engine's own).")
        quiet = arguments.flag("quiet", "q", "Print the names alone.")
        references = arguments.operands("REFERENCE")
    }

    func run() async throws {
        let client = try await engine.connect()
        try await ImageChanges.show(quiet: quiet) { display in
            try await client.call(ImagePull(references: references, platform: platform)) { display.show($0) }
        } line: { image in
            // What was pulled under no name of its own is known by its digest.
            let names = image.references.isEmpty ? image.digests : image.references
            return names.isEmpty ? [image.id] : names
        }
    }
}

/// Shows how images come, then what came.
enum ImageChanges {
    static func show(
        quiet: Bool, _ body: (ProgressDisplay) async throws -> ImagesChanged, line: (ImageSummary) -> [String]
    ) async throws {
        let display = ProgressDisplay(isQuiet: quiet)
        let changed: ImagesChanged
        do {
            changed = try await body(display)
            display.finish()
        } catch {
            display.finish()
            throw error
        }
        for text in changed.images.flatMap(line) { Output.line(TerminalText.escaped(text)) }
    }
}
