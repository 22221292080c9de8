import KenterProtocol

struct ImageImportCommand: Command {
    static let abstract = "Make an image of a root file system in a tar archive."

    let engine: EngineOptions
    let change: [String]
    let file: String
    let reference: String

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        change = arguments.values(
            "change", "c", "value",
            "Set what a Dockerfile would: CMD, ENTRYPOINT, ENV, EXPOSE, VOLUME, USER, WORKDIR, LABEL, STOPSIGNAL or HEALTHCHECK."
        )
        file = arguments.operand("FILE")
        reference = arguments.operand("REFERENCE")
    }

    func run() async throws {
        let upload = try FileUpload(file)
        let client = try await engine.connect()
        try await ImageChanges.show(quiet: false) { display in
            try await upload.send(client, display) { stream in
                ImageImport(stream: stream, reference: reference, changes: change.isEmpty ? nil : change)
            }
        } line: { image in
            [image.id]
        }
    }
}
