import ArgumentParser
import KenterProtocol

struct ImageLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Load images from an archive (docker-archive or oci-archive).")

    @OptionGroup var engine: EngineOptions
    @Option(name: [.customShort("i"), .long], help: "The archive (default: standard input).") var input: String?
    @Flag(name: [.customShort("q"), .long], help: "Do not show progress.") var quiet = false
    @Argument(help: "The archive, as another way to name it.") var file: String?

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
