import JSONRPC
import KenterProtocol
import Testing

@testable import KenterEngine

/// The end-to-end tests fail where an engine writes of one of these.
@Suite struct ErrorContractTests {
    @Test func `a kind of error that a method does not name is a breach`() {
        let missing = RPCError(.notFound, "No such container: a")
        #expect(ErrorContract.breach(by: missing, of: ContainerWait.self) == nil)
        #expect(
            ErrorContract.breach(by: missing, of: ContainerList.self)
                == "undeclared error: container.list failed with notFound: No such container: a")
        #expect(ErrorContract.breach(by: RPCError(.degraded, "half"), of: ContainerWait.self) != nil)
    }

    @Test func `what any method may give, and what a plugin says itself, is none`() {
        #expect(ErrorContract.breach(by: RPCError(.shuttingDown, "soon"), of: EnginePing.self) == nil)
        let odd = RPCError(.unsupportedProtocol, "no")
        #expect(ErrorContract.breach(by: odd, of: VolumeCreate.self) != nil)
        #expect(ErrorContract.breach(by: odd.markedAsAnswer(true), of: VolumeCreate.self) == nil)
    }
}
