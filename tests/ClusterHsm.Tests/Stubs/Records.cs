using System.Text;
using ClusterHsm.FileSystem;
using ClusterHsm.SecondaryStorage;
using ClusterHsm.Stubs;
using CsCheck;

namespace ClusterHsm.Tests.Stubs;

/// <summary>Records for tests.</summary>
internal static class Records
{
    public const string ExampleText =
        """{"clusterhsm":1,"state":"released","releases":3,"shard":"00112233445566778899aabbccddeeff","store":"0123456789abcdef0123456789abcdef","key":"00112233445566778899aabbccddeeff/ffeeddccbbaa99887766554433221100","size":1234,"mtime":"1700000000.123456789","ctime":"-5.000000001","digest":"sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}""";

    public static StubRecord Example { get; } = new()
    {
        State = FileState.Released,
        ReleaseCount = 3,
        ShardId = Guid.ParseExact("00112233445566778899aabbccddeeff", "N"),
        StoreId = Guid.ParseExact("0123456789abcdef0123456789abcdef", "N"),
        Key = new ObjectKey(Guid.ParseExact("00112233445566778899aabbccddeeff", "N"), Guid.ParseExact("ffeeddccbbaa99887766554433221100", "N")),
        Size = 1234,
        Modified = new ShardTimestamp(1_700_000_000, 123_456_789),
        Changed = new ShardTimestamp(-5, 1),
        Digest = ContentDigest.Of("abc"u8),
    };

    public static byte[] ExampleBytes => Encoding.ASCII.GetBytes(ExampleText);

    private static readonly Gen<ShardTimestamp> s_time = Gen.Select(Gen.Long, Gen.Int[0, 999_999_999], (seconds, nanoseconds) => new ShardTimestamp(seconds, nanoseconds));

    public static Gen<StubRecord> Any { get; } = Gen.Select(
        Gen.Select(Gen.Enum<FileState>(), Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue]),
        Gen.Select(Gen.Guid, Gen.Guid, Gen.Guid, Gen.Guid),
        Gen.Select(s_time, s_time, Gen.Byte.Array[ContentDigest.Length]),
        (numbers, ids, rest) => new StubRecord
        {
            State = numbers.Item1,
            ReleaseCount = numbers.Item2,
            Size = numbers.Item3,
            ShardId = ids.Item1,
            StoreId = ids.Item2,
            Key = new ObjectKey(ids.Item3, ids.Item4),
            Modified = rest.Item1,
            Changed = rest.Item2,
            Digest = new ContentDigest(rest.Item3),
        });
}
