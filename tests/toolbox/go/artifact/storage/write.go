package storage

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fluxcd/pkg/apis/meta"
	"github.com/fluxcd/pkg/sourceignore"
	"github.com/fluxcd/pkg/sourceignore/gitignore"
	fluxtar "github.com/fluxcd/pkg/tar"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fluxcd/pkg/artifact/digest"
)

// AtomicWriteFile stores what the reader has: no one ever sees half a file. The artifact learns digest, size and time.
func (s *Storage) AtomicWriteFile(artifact *meta.Artifact, reader io.Reader, mode os.FileMode) error {
	target := s.LocalPath(*artifact)
	unfinished, err := os.CreateTemp(filepath.Dir(target), ".unfinished-")
	if err != nil {
		return err
	}
	defer os.Remove(unfinished.Name())
	digester := digest.Canonical.Digester()
	size, err := io.Copy(io.MultiWriter(unfinished, digester.Hash()), reader)
	if err := errors.Join(err, unfinished.Chmod(mode), unfinished.Close()); err != nil {
		return err
	}
	if err := os.Rename(unfinished.Name(), target); err != nil {
		return err
	}
	artifact.Digest = digester.Digest().String()
	artifact.Size = &size
	artifact.LastUpdateTime = metav1.Now()
	return nil
}

// ArchiveFileFilter says of a file or folder whether it stays out of an archive.
type ArchiveFileFilter func(path string, info os.FileInfo) bool

// SourceIgnoreFilter leaves out version control, and what the patterns say; without patterns, Flux's own list.
func SourceIgnoreFilter(patterns []gitignore.Pattern, domain []string) ArchiveFileFilter {
	matcher := sourceignore.NewDefaultMatcher(patterns, domain)
	if len(patterns) > 0 {
		matcher = sourceignore.NewMatcher(append(sourceignore.VCSPatterns(domain), patterns...))
	}
	return func(path string, info os.FileInfo) bool {
		return matcher.Match(strings.Split(path, string(filepath.Separator)), info.IsDir())
	}
}

// Archive stores a folder as a tarball in which nothing depends on the day or the machine.
func (s *Storage) Archive(artifact *meta.Artifact, folder string, filter ArchiveFileFilter) error {
	reader, writer := io.Pipe()
	defer reader.Close() // or the packing would wait for ever when the writing fails
	go func() { writer.CloseWithError(pack(folder, filter, writer)) }()
	return s.AtomicWriteFile(artifact, reader, 0o600)
}

func pack(folder string, filter ArchiveFileFilter, writer io.Writer) error {
	zipped := gzip.NewWriter(writer)
	archive := tar.NewWriter(zipped)
	err := filepath.Walk(folder, func(path string, info fs.FileInfo, err error) error {
		if err != nil || path == folder || filter != nil && filter(path, info) {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		return add(archive, filepath.ToSlash(name), path, info)
	})
	return errors.Join(err, archive.Close(), zipped.Close())
}

// add puts folders and plain files into the archive, and leaves out links and the like, as Flux does.
func add(archive *tar.Writer, name, path string, info fs.FileInfo) error {
	if info.IsDir() {
		return archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o750})
	}
	if !info.Mode().IsRegular() {
		return nil
	}
	mode := int64(0o600)
	if info.Mode()&0o100 != 0 {
		mode = 0o700
	}
	if err := archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode, Size: info.Size()}); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(archive, file)
	return err
}

// CopyToPath unpacks a tarball and moves one of its folders to a place of its own.
func (s *Storage) CopyToPath(artifact *meta.Artifact, folder, to string) error {
	file, err := os.Open(s.LocalPath(*artifact))
	if err != nil {
		return err
	}
	defer file.Close()
	unpacked, err := os.MkdirTemp("", "include-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(unpacked)
	if err := fluxtar.Untar(file, unpacked, fluxtar.WithMaxUntarSize(-1)); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	return os.Rename(filepath.Join(unpacked, filepath.Clean("/"+folder)), to)
}
