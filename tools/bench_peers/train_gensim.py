"""Trains CBOW vectors with gensim from a file of lines of at most 10,000 words (longer ones it cuts without a word).

train_gensim.py CORPUS OUTPUT DIM WINDOW NEGATIVES MIN_COUNT SAMPLE EPOCHS THREADS RATE
"""
import json
import sys
import time

from gensim.models import Word2Vec


def main():
    corpus, output, dim, window, negatives, min_count, sample, epochs, threads, rate = sys.argv[1:]
    model = Word2Vec(
        vector_size=int(dim),
        window=int(window),
        negative=int(negatives),
        min_count=int(min_count),
        sample=float(sample),
        workers=int(threads),
        alpha=float(rate),
        sg=0,
        hs=0,
        seed=1,
    )
    model.build_vocab(corpus_file=corpus)
    start = time.monotonic()
    model.train(
        corpus_file=corpus,
        total_words=model.corpus_total_words,
        total_examples=model.corpus_count,
        epochs=int(epochs),
    )
    seconds = time.monotonic() - start
    model.wv.save_word2vec_format(output, binary=True)
    print(json.dumps({"train_seconds": seconds}))


main()
