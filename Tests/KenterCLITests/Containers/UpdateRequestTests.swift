import KenterProtocol
import Testing

@testable import kenter

/// From the words of `kenter update` to the parameters of `container.update`.
@Suite struct UpdateRequestTests {
    private func request(_ words: [String]) throws -> ContainerUpdate {
        let command = try Program.parse(ContainerUpdateCommand.self, ["update"], words, nil)
        return try #require(command as? ContainerUpdateCommand).request()
    }

    @Test func everyOptionHasItsPlaceAndZeroIsSaid() throws {
        let found = try request([
            "-m", "64m", "--cpus", "0", "--pids-limit", "-1", "--restart", "on-failure:3", "aa", "bb",
        ])
        #expect(found.containers == ["aa", "bb"])
        #expect(found.resources == Resources(memoryBytes: 67_108_864, cpus: 0, pids: -1))
        #expect(found.restart == RestartPolicy(policy: .onFailure, maxRetries: 3))
        #expect(try request(["--restart", "no", "aa"]).resources == nil)
        #expect(try request(["-m", "0", "aa"]).restart == nil)
    }

    @Test(arguments: [[], ["-m", "lots"], ["--cpus", "-1"], ["--restart", "always:3"]])
    func nothingAndNonsenseAreRefused(_ options: [String]) {
        #expect(throws: (any Error).self) { try request(options + ["aa"]) }
    }
}
