using System.Buffers.Binary;

namespace ClusterHsm.Simulation;

/// <summary>Knows what each block of each file may hold, and judges what was read.</summary>
/// <remarks>
/// A block says of itself: file, number, version, and a check sum. What was acknowledged, or was once seen, stays: no later read may show
/// anything older. A file has one writer at a time, as its users would agree on; the library promises no more.
/// </remarks>
internal sealed class Judge
{
    public const int BlockLength = 32;
    public const int Blocks = 3;
    public const int FileLength = BlockLength * Blocks;

    private readonly BlockState[,] _states;
    private readonly Actor?[] _writers;

    public Judge(int files)
    {
        Files = files;
        _states = new BlockState[files, Blocks];
        _writers = new Actor?[files];
        foreach (ref BlockState state in System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref _states[0, 0], files * Blocks))
            state = new BlockState(1, 1);
    }

    public int Files { get; }

    public static string Path(int file) => $"file{file}";

    public bool TryOwn(int file, Actor writer)
    {
        if (_writers[file] is { } other && other != writer && other.State != ActorState.Done)
            return false;
        _writers[file] = writer;
        return true;
    }

    public void Disown(int file) => _writers[file] = null;

    /// <summary>The bytes of the next version of a block, from now on possible.</summary>
    public byte[] Next(int file, int block, out int version)
    {
        ref BlockState state = ref _states[file, block];
        state.Possible = version = state.Possible + 1;
        return Make(file, block, version);
    }

    /// <summary>From now on nothing older may be seen.</summary>
    public void Acknowledge(int file, int block, int version) => Settle(ref _states[file, block], version);

    public int Floor(int file, int block) => _states[file, block].Settled;

    /// <summary>Why this may not have been read, or null.</summary>
    /// <param name="file">The file.</param>
    /// <param name="block">The block.</param>
    /// <param name="floor">What had been settled before the read began.</param>
    /// <param name="bytes">What was read.</param>
    public string? Check(int file, int block, int floor, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != BlockLength)
            return $"block {block} of {Path(file)} has {bytes.Length} bytes instead of {BlockLength}";
        if (!bytes.ContainsAnyExcept((byte)0))
            return $"block {block} of {Path(file)} is a hole";
        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (!bytes.SequenceEqual(Make(file, block, version)))
            return $"block {block} of {Path(file)} is no block of any version: {Convert.ToHexString(bytes)}";
        ref BlockState state = ref _states[file, block];
        if (version < floor || version > state.Possible)
            return $"block {block} of {Path(file)} has version {version}, but {floor} to {state.Possible} may be seen";
        Settle(ref state, version);
        return null;
    }

    public static byte[] Make(int file, int block, int version)
    {
        byte[] bytes = new byte[BlockLength];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, file + 1);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), block);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), version);
        for (int i = 12; i < BlockLength - 4; i++)
            bytes[i] = (byte)(file * 31 + block * 7 + version * 13 + i);
        uint sum = 2166136261; // FNV-1a
        foreach (byte b in bytes.AsSpan(0, BlockLength - 4))
            sum = (sum ^ b) * 16777619;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(BlockLength - 4), sum);
        return bytes;
    }

    private static void Settle(ref BlockState state, int version) => state.Settled = Math.Max(state.Settled, version);

    private record struct BlockState(int Settled, int Possible);
}
