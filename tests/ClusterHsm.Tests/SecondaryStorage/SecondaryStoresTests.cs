using ClusterHsm.SecondaryStorage;
using FluentAssertions;
using NUnit.Framework;

namespace ClusterHsm.Tests.SecondaryStorage;

[Platform("Linux")]
public sealed class SecondaryStoresTests
{
    [Test]
    public async Task A_store_is_made_once_and_opened_again_by_its_location()
    {
        using StoreFolder folder = new();
        Uri location = new($"file://{folder.Root}/");
        await using ISecondaryStore made = SecondaryStores.OpenOrCreate(location);
        await using ISecondaryStore again = SecondaryStores.OpenOrCreate(location);
        await using ISecondaryStore opened = SecondaryStores.Open(made.Location);
        made.Id.Should().NotBe(Guid.Empty);
        again.Id.Should().Be(made.Id);
        opened.Id.Should().Be(made.Id);
        opened.Location.Should().Be(made.Location);
        made.Location.AbsoluteUri.Should().Be($"file://{folder.Root}");
    }

    [TestCase("a b")]
    [TestCase("50%")]
    [TestCase("what?")]
    [TestCase("#1")]
    [TestCase("Ünï")]
    public async Task A_location_holds_any_name_and_leads_back_to_it(string name)
    {
        using StoreFolder folder = new();
        string path = Path.Join(folder.Root, name);
        await using DirectoryStore made = DirectoryStore.OpenOrCreate(path);
        await using ISecondaryStore opened = SecondaryStores.Open(new Uri(made.Location.AbsoluteUri));
        opened.Id.Should().Be(made.Id);
    }

    [TestCase("s3://bucket/x", "'s3'*file:///absolute/path")]
    [TestCase("http://example.org/x", "'http'")]
    [TestCase("file://server/share", "host 'server'")]
    [TestCase("file:///x?y=1", "no query")]
    [TestCase("file:///x#y", "no fragment")]
    [TestCase("file:///x%00y", "no absolute path")]
    public void A_location_of_another_form_is_refused_and_what_is_supported_is_named(string location, string named)
    {
        Action open = () => SecondaryStores.Open(new Uri(location));
        Action create = () => SecondaryStores.OpenOrCreate(new Uri(location));
        open.Should().Throw<StoreUnavailableException>().WithMessage($"*{named}*");
        create.Should().Throw<StoreUnavailableException>().WithMessage($"*{named}*");
    }

    [Test]
    public void A_relative_location_is_refused()
    {
        Action open = () => SecondaryStores.Open(new Uri("some/store", UriKind.Relative));
        open.Should().Throw<StoreUnavailableException>().WithMessage("some/store: *cannot be relative*");
    }
}
