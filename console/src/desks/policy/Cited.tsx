import { Fragment } from 'react';
import { Link } from 'react-router';
import { articlesOf } from './data';

/** 条文: a citation, each of its articles opening to what it set. */
export function Cited({ article }: { article: string }) {
  return (
    <>
      {articlesOf(article).map((one, n) => (
        <Fragment key={one}>
          {n > 0 && ' · '}
          <Link to={`/policy/articles/${encodeURIComponent(one)}`}>{one}</Link>
        </Fragment>
      ))}
    </>
  );
}
