using System.Runtime.InteropServices.Marshalling;

namespace ClusterHsm.FileSystem.Linux;

/// <summary>Holds a handle for the time of one native call.</summary>
[CustomMarshaller(typeof(LinuxFileHandle), MarshalMode.ManagedToUnmanagedIn, typeof(ForOneCall))]
internal static class LinuxFileHandleMarshaller
{
    /// <summary>One argument of one call.</summary>
    internal struct ForOneCall
    {
        private LinuxFileHandle? _held;
        private int _descriptor;

        /// <exception cref="ObjectDisposedException">It was disposed of; the call is not made.</exception>
        public void FromManaged(LinuxFileHandle file)
        {
            _descriptor = file.Hold();
            _held = file;
        }

        public readonly int ToUnmanaged() => _descriptor;

        /// <summary>Comes after a <see cref="FromManaged"/> that has thrown, too.</summary>
        public readonly void Free() => _held?.LetGo();
    }
}
