import KenterProtocol

struct ImageLoadCommand: Command {
    static let abstract = "Load images from an archive (docker-archive or oci-archive)."

    let engine: EngineOptions
    let input: String?
    let quiet: Bool
    let file: String?

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        input = arguments.value("input", "i", "value", "The archive (default: standard input).")
        quiet = arguments.flag("quiet", "q", "Do not show progress.")
        file = arguments.optionalOperand("FILE")
    }

    func run() async throws {
        let upload = try FileUpload(input ?? file ?? "-")
        let client = try await engine.connect()
        try await ImageChanges.show(quiet: quiet) { display in
            try await upload.send(client, display) { ImageLoad(stream: $0) }
        } line: { image in
            image.references.isEmpty
                ? ["Loaded image ID: \(image.id)"] : image.references.map { "Loaded image: \($0)" }
        }
    }
}
