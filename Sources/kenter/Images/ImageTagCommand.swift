import ArgumentParser
import KenterClient
import KenterProtocol

struct ImageTagCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tag", abstract: "Give an image another name.")

    @OptionGroup var engine: EngineOptions
    @Argument var image: String
    @Argument var reference: String

    func run() async throws {
        let client = try await engine.connect()
        _ = try await client.call(ImageTag(image: image, reference: reference))
    }
}
