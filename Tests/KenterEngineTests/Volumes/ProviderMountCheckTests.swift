import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

@testable import KenterEngine

/// Mounts that a storage provider asks for, most of them without business to.
@Suite struct ProviderMountCheckTests {
    private let directory: TemporaryDirectory
    /// The provider's own, by its real name.
    private let state: String
    private var check: ProviderMountCheck { ProviderMountCheck(stateDirectory: state, provider: "p") }

    init() throws {
        directory = try TemporaryDirectory()
        guard let real = realpath(directory.file("."), nil) else { throw CommandFailure("no directory") }
        defer { free(real) }
        state = "\(String(cString: real))/state"
        for path in [state, "\(state)/a", "\(state)/b", "\(state)/w", "\(state)-other"] { mkdir(path, 0o755) }
        // Names that say something else among an overlay's options.
        for path in ["y", "y,lowerdir=", "y,lowerdir=/root", "y,lowerdir=/root/secret", "y\\", "y\\,z", "n\n", "a/in"] {
            mkdir("\(state)/\(path)", 0o755)
        }
        symlink("/etc", "\(state)/link")
        symlink("\(state)/a", "\(state)/own-link")
    }

    private func overlay(_ options: [String], source: String? = nil, type: String = "overlay") -> ProviderMount {
        ProviderMount(type: type, source: source ?? state, options: options)
    }

    @Test func `an overlay of the provider's own directories is allowed, named either way`() throws {
        _ = try check.rootfs(overlay(["lowerdir=a:b", "upperdir=a", "workdir=w", "nosuid", "metacopy=off"]))
        let root = try check.rootfs(overlay(["lowerdir=\(state)/a", "upperdir=\(state)/b", "workdir=w"]))
        #expect(root.options == ["lowerdir=a", "upperdir=b", "workdir=w"])
    }

    @Test(arguments: [
        ["lowerdir=a", "upperdir=b"], ["lowerdir=a", "upperdir=b", "workdir=w", "workdir=w"],
        ["lowerdir=/etc", "upperdir=b", "workdir=w"], ["lowerdir=a:/etc", "upperdir=b", "workdir=w"],
        ["lowerdir=../../etc", "upperdir=b", "workdir=w"], ["lowerdir=link", "upperdir=b", "workdir=w"],
        ["lowerdir=a/../../state-other", "upperdir=b", "workdir=w"], ["lowerdir=own-link", "upperdir=b", "workdir=w"],
        ["lowerdir=none", "upperdir=b", "workdir=w"], ["lowerdir=a:", "upperdir=b", "workdir=w"],
        ["lowerdir=", "upperdir=b", "workdir=w"], ["lowerdir=a", "upperdir=b", "workdir=w", "suid"],
        ["lowerdir=a", "upperdir=b", "workdir=w", "redirect_dir=follow"],
        ["lowerdir=a", "upperdir=b", "workdir=w", "lowerdir+=/etc"],
        ["lowerdir=a", "upperdir=b", "workdir=w", "ro,lowerdir=/etc"],
        ["lowerdir=y,lowerdir=/root/secret:a", "upperdir=b", "workdir=w"],
        ["lowerdir=y\\:a", "upperdir=b", "workdir=w"], ["lowerdir=y\\,z", "upperdir=b", "workdir=w"],
        ["lowerdir=n\n", "upperdir=b", "workdir=w"], ["lowerdir=a", "upperdir=a:b", "workdir=w"],
        ["lowerdir=b", "upperdir=a", "workdir=a/in"],
    ])
    func `any other overlay is refused`(_ options: [String]) {
        let error = #expect(throws: RPCError.self) { try check.rootfs(overlay(options)) }
        #expect(error?.kind == .pluginProtocol && error?.message.contains("the storage provider 'p' wants") == true)
    }

    @Test func `a root filesystem from elsewhere or of another type is refused`() {
        let options = ["lowerdir=a", "upperdir=b", "workdir=w"]
        for mount in [
            overlay(options, source: "/"), overlay(options, source: "\(state)/a"), overlay(options, type: "bind"),
        ] {
            #expect(throws: RPCError.self) { try check.rootfs(mount) }
        }
    }

    @Test func `a volume is a directory of the provider or a tmpfs, without set-user-id programs and devices`() throws {
        let bind = try check.volume(ProviderMount(type: "bind", source: "\(state)/a", options: ["rbind", "ro"]))
        #expect(bind.mount.options == ["rbind", "ro", "nosuid", "nodev"])
        let memory = try check.volume(ProviderMount(type: "tmpfs", source: "tmpfs", options: ["size=1m", "nodev"]))
        #expect(memory.mount.options == ["size=1m", "nodev", "nosuid"])
    }

    @Test(arguments: [
        ("bind", "/etc", [String]()), ("bind", "link", []), ("bind", "own-link", []), ("bind", "", []),
        ("bind", "none", []), ("bind", "../state-other", []), ("bind", "a", ["suid"]), ("bind", "a", ["dev"]),
        ("bind", "a", ["size=1m"]), ("bind", "a", ["rshared"]), ("tmpfs", "tmpfs", ["uid=0,suid"]),
        ("tmpfs", "tmpfs", ["size=1m,suid"]), ("bind", "n\n", []), ("bind", "y\\", []), ("bind", "a/", []),
        ("ext4", "/dev/sda1", []), ("overlay", "a", []), ("proc", "proc", []),
    ])
    func `any other volume is refused`(_ type: String, _ source: String, _ options: [String]) {
        let path = source.hasPrefix("/") || type != "bind" ? source : "\(state)/\(source)"
        let error = #expect(throws: RPCError.self) {
            try check.volume(ProviderMount(type: type, source: path, options: options))
        }
        #expect(error?.kind == .pluginProtocol)
    }

    /// What a path leads to may change between the check and the mount, so the mount is of what was checked.
    @Test func `what a provider exchanges after the check is not mounted`() async throws {
        try "good".write(to: "\(state)/a/file")
        try "upper".write(to: "\(state)/b/file-of-b")
        let secret = directory.file("secret")
        mkdir(secret, 0o755)
        try "secret".write(to: "\(secret)/file")
        let volume = try check.volume(ProviderMount(type: "bind", source: "\(state)/a", options: []))
        let root = try check.rootfs(overlay(["lowerdir=a", "upperdir=b", "workdir=w"]))
        for name in ["a", "b"] {
            rename("\(state)/\(name)", "\(state)/\(name)-before")
            symlink(secret, "\(state)/\(name)")
        }
        let (volumeTarget, rootTarget) = (directory.file("volume"), directory.file("root"))
        mkdir(rootTarget, 0o755)
        defer { for target in [volumeTarget, rootTarget] { Mount.remove(target) } }
        try BindSource.mount(try #require(volume.file), at: volumeTarget)
        #expect(SmallFile.readText("\(volumeTarget)/file") == "good")
        try await root.mount(at: rootTarget, stagePath: directory.file("stage"))
        #expect(SmallFile.readText("\(rootTarget)/file") == "good")
        #expect(SmallFile.readText("\(rootTarget)/file-of-b") == "upper")
        #expect(access(directory.file("stage"), F_OK) != 0)
        let table = SmallFile.readText("/proc/self/mountinfo") ?? ""
        #expect(table.contains("lowerdir=a,upperdir=b,workdir=w"))
    }
}

extension String {
    fileprivate func write(to path: String) throws { try SmallFile.write(Array(utf8), to: path) }
}
