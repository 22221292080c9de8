@testable import KenterEngine
import JSONRPC
import Testing

@Suite struct ContainerDefinitionTests {
    @Test func `a container's variables replace the image's in their places, and a name alone removes`() {
        #expect(
            ContainerDefinitionMaker.merge(["A=1", "B=2", "C=3"], ["C=4", "B", "D=5", "E", "D=6"])
                == ["A=1", "C=4", "D=6"])
    }

    @Test(arguments: [["1-1025"], ["1-600", "1-600"], Array(repeating: "80", count: 1025)])
    func `services of the host are counted before they are spelled out`(_ texts: [String]) {
        #expect(throws: RPCError.self) { try PortSpecification.checkHostPorts(texts) }
        #expect(throws: Never.self) { try PortSpecification.checkHostPorts(["1-1000", "5432/tcp", "53/udp"]) }
    }

    @Test(arguments: ["/proc/self/fd/8", "/proc//1/root", "/./sys/fs/cgroup", "//proc/x", "/a/../proc/x"])
    func `nothing is mounted or begun in the kernel's file systems`(_ path: String) {
        #expect(throws: RPCError.self) { try MountResolution.checkTarget(path) }
        #expect(throws: RPCError.self) { try WorkingDirectory.check(path) }
        #expect(throws: Never.self) { try WorkingDirectory.check("/processes/x") }
    }

    @Test func `no process begins in what another has open`() {
        #expect(throws: RPCError.self) { try WorkingDirectory.check("/dev/./fd/7") }
        #expect(throws: Never.self) { try WorkingDirectory.check("/dev") }
    }

    @Test(arguments: ["0", "9-8", "x", "", "80/icmp", "70000"])
    func `what is no port is refused`(_ text: String) {
        #expect(throws: RPCError.self) { try PortSpecification.checkHostPorts([text]) }
    }
}
