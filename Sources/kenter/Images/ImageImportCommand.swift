import ArgumentParser
import KenterProtocol

struct ImageImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make an image of a root file system in a tar archive.")

    @OptionGroup var engine: EngineOptions
    @Option(
        name: [.customShort("c"), .long],
        help: "Set what a Dockerfile would: CMD, ENTRYPOINT, ENV, EXPOSE, VOLUME, USER, WORKDIR or LABEL.")
    var change: [String] = []
    @Option(name: [.customShort("m"), .long], help: ArgumentHelp(visibility: .hidden)) var message: String?
    @Argument(help: "The archive, plain or compressed; - is standard input.") var file: String
    @Argument(help: "The image's name.") var reference: String

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
