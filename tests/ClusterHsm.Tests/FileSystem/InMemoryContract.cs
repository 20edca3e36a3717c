using NUnit.Framework;

namespace ClusterHsm.Tests.FileSystem;

[TestFixture]
public sealed class InMemoryFiles : ContractOfFiles<InMemoryShard>;

[TestFixture]
public sealed class InMemoryHoles : ContractOfHoles<InMemoryShard>;

[TestFixture]
public sealed class InMemoryLocks : ContractOfLocks<InMemoryShard>;

[TestFixture]
public sealed class InMemoryAttributes : ContractOfAttributes<InMemoryShard>;

[TestFixture]
public sealed class InMemoryFacts : ContractOfFacts<InMemoryShard>;

[TestFixture]
public sealed class InMemoryDirectories : ContractOfDirectories<InMemoryShard>;

[TestFixture]
public sealed class InMemoryNames : ContractOfNames<InMemoryShard>;

[TestFixture]
public sealed class InMemoryOpeners : ContractOfOpeners<InMemoryShard>;
