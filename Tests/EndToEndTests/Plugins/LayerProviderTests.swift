import JSONRPC
import TestSupport
import Testing

/// Layers stay with the provider that was the default one when they came.
@Suite struct LayerProviderTests {
    @Test func anImageWhoseLayersTwoProvidersHaveIsRefused() async throws {
        try await Meddler.with("storage-overlay", role: "storage") { engine, meddler in
            func archive(_ name: String, _ parts: [String]) async throws -> String {
                let layout = "\(engine.directory)/\(name)"
                try await OCILayout.make(at: layout, rootfs: parts[0], upper: parts.dropFirst().first)
                try await Command.succeed(["tar", "-C", layout, "-cf", "\(layout).tar", "."])
                return "\(layout).tar"
            }
            var parts: [String] = []
            for name in ["lower", "upper"] {
                let path = "\(engine.directory)/\(name).rootfs"
                try TextFile.write(name, to: "\(engine.directory)/\(name).txt")
                try await Command.succeed(["tar", "-C", engine.directory, "-cf", path, "\(name).txt"])
                parts.append(path)
            }
            try await engine.kenter("load", try await archive("lower", [parts[0]]))
            try await meddler.leaveRole("storage", to: "storage-overlay", in: engine)
            try await engine.kenter("load", try await archive("upper", [parts[1]]))
            let both = try await archive("both", parts)
            let refused = try await engine.kenter(["load", both])
            #expect(refused.exit == 1 && refused.errors.contains("is with the storage provider 'storage-overlay'"))
            let images = try await engine.kenter("images", "-q").split(separator: "\n").map(String.init)
            #expect(try await engine.kenter(["rmi"] + images).exit == 0)
            #expect(try await engine.kenter(["load", both]).exit == 0)
        }
    }
}
