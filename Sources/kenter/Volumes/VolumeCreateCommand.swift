import ArgumentParser
import KenterClient
import KenterProtocol

struct VolumeCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Create a volume.")

    @OptionGroup var engine: EngineOptions
    @Option(name: [.customShort("d"), .customLong("driver"), .long], help: "The storage provider.")
    var provider: String?
    @Option(help: "Its size at most, such as 10g.") var size: String?
    @Option(help: "Set a label (name=value).") var label: [String] = []
    @Option(name: [.customShort("o"), .long], help: "Set a parameter of the provider (name=value).")
    var opt: [String] = []
    @Argument var name: String?

    func run() async throws {
        var request = VolumeCreate(name: name, provider: provider)
        request.capacityBytes = try size.map { UInt64(try SizeOption.bytes($0, option: "--size")) }
        request.parameters = opt.isEmpty ? nil : LabelOption.labels(opt)
        request.labels = label.isEmpty ? nil : LabelOption.labels(label)
        let client = try await engine.connect()
        Output.line(TerminalText.escaped(try await client.call(request).name))
    }
}
