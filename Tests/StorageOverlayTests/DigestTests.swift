import JSONRPC
import Testing

@testable import storage_overlay

@Suite struct DigestTests {
    private let text = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test func `a digest's short name is the beginning of its base 32`() throws {
        #expect(try Digest(text).shortName == "xj4bnp4pahh6uqkbidpf3lrceo")
    }

    @Test(arguments: [
        "", "sha256:", "sha512:ba", "sha256:BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ])
    func `what is no digest is refused`(_ text: String) {
        #expect(throws: RPCError.self) { try Digest(text) }
    }

    @Test func `127 layers fit one mount`() throws {
        let lower = (0..<127).map { _ in "l/xj4bnp4pahh6uqkbidpf3lrceo" }
        let mount = try OverlayMount(
            stateDirectory: "/var/lib/kenter/plugins/storage-overlay", containerID: String(repeating: "f", count: 64),
            lower: lower)
        #expect(mount.options.joined(separator: ",").utf8.count < 4096)
        #expect(mount.source == "/var/lib/kenter/plugins/storage-overlay")
        #expect(mount.options[0].hasPrefix("lowerdir=l/"))
    }

    @Test func `few layers are named by absolute paths`() throws {
        let mount = try OverlayMount(stateDirectory: "/s", containerID: "c1", lower: ["l/b", "l/a"])
        #expect(mount.options == ["lowerdir=/s/l/b:/s/l/a", "upperdir=/s/c/c1/upper", "workdir=/s/c/c1/work"])
    }

    @Test func `a state directory that an option would misread is left out of it`() throws {
        let mount = try OverlayMount(stateDirectory: "/a,b:c", containerID: "c1", lower: ["l/a"])
        #expect(mount.options[0] == "lowerdir=l/a")
    }

    @Test func `more layers than a mount can hold are refused`() {
        #expect(throws: RPCError.self) {
            try OverlayMount(
                stateDirectory: "/s", containerID: "c1", lower: (0..<140).map { _ in "l/xj4bnp4pahh6uqkbidpf3lrceo" })
        }
    }
}
